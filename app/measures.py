"""A leaf: what this process counts of itself, in the text format of Prometheus.

The only import of prometheus_client. Labels come from lists that cannot grow: a caller, or a
model, that invents words must not fill the memory of whoever scrapes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    Summary,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Phases of jobs as workers name them; a job's own process, which may be hostile, reports some.
PHASES = frozenset({"check", "load", "score", "answer", "encode", "store"})
OTHER = "other"
# Seconds: from an answer out of a cache to one that waits for a job (`?wait=30`).
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 35.0)

_registry = CollectorRegistry()
ProcessCollector(registry=_registry)
_requests = Counter(
    "genebank_http_requests",
    "Requests that were answered, by route, method and status.",
    ("route", "method", "status"),
    registry=_registry,
)
_seconds = Histogram(
    "genebank_http_request_seconds",
    "Seconds until an answer began.",
    ("route", "method"),
    buckets=BUCKETS,
    registry=_registry,
)
_in_flight = Gauge(
    "genebank_http_requests_in_flight",
    "Requests that are being answered now.",
    registry=_registry,
)
_phases = Summary(
    "genebank_job_phase_seconds",
    "Seconds that jobs which succeeded in this process spent, by kind and phase.",
    ("kind", "phase"),
    registry=_registry,
)
_unwritten = Counter(
    "genebank_lost_leases",
    "Jobs that this process had to leave because their lease was lost.",
    registry=_registry,
)


@dataclass(frozen=True)
class Family:
    """Numbers of one name that are read when somebody scrapes; one sample for each labelling."""

    name: str
    help: str
    labels: tuple[str, ...]
    samples: Mapping[tuple[str, ...], float]
    kind: Literal["gauge", "counter"] = "gauge"


def request_began() -> None:
    """A request came."""
    _in_flight.inc()


def request_ended(route: str | None, method: str, status: int, seconds: float) -> None:
    """A request was answered, `seconds` after it came; None and 0: it met no route, no answer."""
    _in_flight.dec()
    known = method if method in METHODS else OTHER
    place = route or "none"
    _requests.labels(place, known, str(status) if status else "none").inc()
    _seconds.labels(place, known).observe(seconds)


def job_succeeded(kind: str, seconds: Mapping[str, float]) -> None:
    """A job ended well after these seconds in its phases."""
    for phase, spent in seconds.items():
        _phases.labels(kind, phase if phase in PHASES else OTHER).observe(spent)


def lease_lost() -> None:
    """A job had to be left, since somebody else has it now."""
    _unwritten.inc()


def exposition(families: Iterable[Family]) -> bytes:
    """All that this process counted, then the families, as Prometheus reads it."""
    once = CollectorRegistry()
    once.register(_Given(families))
    return generate_latest(_registry) + generate_latest(once)


class _Given(Collector):
    """Families that were read already."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus' library asks for."""
        for family in self._families:
            made = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = made(family.name, family.help, labels=family.labels)
            for labels, value in family.samples.items():
                metric.add_metric(labels, value)
            yield metric
