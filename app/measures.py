"""A leaf: what this process counts of itself, in the text format of Prometheus.

The only import of prometheus_client. Labels come from lists that cannot grow: a caller, or a
model, that invents words must not fill the memory of whoever scrapes.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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
    start_http_server,
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
_tries = Counter(
    "genebank_tries",
    "Tries of jobs that ended in this process, by kind and how.",
    ("kind", "end"),
    registry=_registry,
)
_taken_back = Counter(
    "genebank_jobs_taken_back",
    "Jobs that this process took back from lost workers.",
    registry=_registry,
)
_rung = Counter(
    "genebank_messages_rung", "Messages that this process sent to workers.", registry=_registry
)

# How a try of a job ends: `given_back` as the worker ends, `put_off` for the installation's sake,
# `fault` of the model's process, `lost` with the worker's own, `left` to another worker,
# `unwritten` where the database was away.
End = Literal[
    "succeeded",
    "failed",
    "cancelled",
    "given_back",
    "put_off",
    "fault",
    "lost",
    "left",
    "unwritten",
]


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


def try_ended(kind: str, end: End) -> None:
    """A try of a job ended here."""
    _tries.labels(kind, end).inc()


def taken_back(jobs: int) -> None:
    """So many jobs were taken back from lost workers."""
    _taken_back.inc(jobs)


def rung(messages: int) -> None:
    """So many messages were sent to workers."""
    _rung.inc(messages)


@contextmanager
def serving(host: str, port: int) -> Iterator[int]:
    """Answer scrapes of what this process counted, on a port (0: any, yielded) from a thread.

    Raises OSError where the address cannot be had.
    """
    server, thread = start_http_server(port, host, registry=_registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
