"""Use case: what a registry holds and does, as numbers for monitoring.

They are the registry's: each process of a stack says the same. Index sizes are the process's own.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable

from app.errors import GenebankError
from app.measures import Family
from app.records import QueueRecord
from app.search.candidates import Candidates
from app.store import gauges, queues, withdrawals
from app.store.database import Database, Session, unhurried
from app.store.gauges import JobsGauge, ProtocolGauge

# Of all time, the share that may go into counting all jobs, however many there are.
SHARE = 0.01
# And no more often than that.
EVERY_S = 5.0


class Census:
    """Counts all jobs now and then: so seldom that it takes a hundredth of the time at most."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counting = threading.Lock()
        self._due = -float("inf")
        self._last: list[JobsGauge] = []

    def of(self, database: Database) -> list[JobsGauge]:
        """The last count; a new one where it is due and nobody else is counting."""
        if self._clock() >= self._due and self._counting.acquire(blocking=False):
            try:
                began = self._clock()
                with database.read() as session:
                    unhurried(session)
                    self._last = gauges.census(session)
                took = self._clock() - began
                self._due = self._clock() + max(EVERY_S, took / SHARE)
            finally:
                self._counting.release()
        return self._last


def measure(database: Database, candidates: Candidates, census: Census) -> list[Family]:
    """Everything of the registry; only `genebank_database_up` 0 where the database is away."""
    try:
        counted = census.of(database)
        with database.read() as session:
            families = [*_jobs(session, counted), *_entries(session, candidates)]
    except GenebankError:
        return [_up(0)]
    return [_up(1), *families]


def _up(value: int) -> Family:
    return Family("genebank_database_up", "Whether the database answers.", (), {(): value})


def _jobs(session: Session, counted: list[JobsGauge]) -> list[Family]:
    waiting = queues.every(session)
    states: dict[tuple[str, ...], float] = {
        (one.state, one.queue, one.kind): one.count for one in counted
    }
    there = gauges.workers(session)
    return [
        Family(
            "genebank_jobs",
            "Jobs by state, queue and kind; counted anew every few seconds.",
            ("state", "queue", "kind"),
            states,
        ),
        _by_queue("genebank_jobs_queued", "Jobs that wait now.", waiting, lambda one: one.queued),
        _by_queue("genebank_jobs_running", "Jobs that run now.", waiting, lambda one: one.running),
        _by_queue(
            "genebank_oldest_due_job_seconds",
            "Seconds that the job which has been due the longest has waited.",
            waiting,
            lambda one: one.due_s,
        ),
        _total(
            "genebank_lease_losses", "Leases that ran out.", counted, lambda one: one.lease_losses
        ),
        _total(
            "genebank_model_faults",
            "Faults of models' processes.",
            counted,
            lambda one: one.model_faults,
        ),
        Family(
            "genebank_workers",
            "Workers that are there and take jobs.",
            ("hears_by",),
            {(name,): count for name, (count, _) in there.items()},
        ),
        Family(
            "genebank_worker_slots",
            "Jobs that they do at once.",
            ("hears_by",),
            {(name,): slots for name, (_, slots) in there.items()},
        ),
    ]


def _by_queue(
    name: str, words: str, waiting: list[QueueRecord], value: Callable[[QueueRecord], float]
) -> Family:
    return Family(name, words, ("queue",), {(one.name,): value(one) for one in waiting})


def _total(
    name: str, words: str, counted: list[JobsGauge], value: Callable[[JobsGauge], int]
) -> Family:
    by_kind = Counter[tuple[str, ...]]()
    for one in counted:
        by_kind[(one.kind,)] += value(one)
    return Family(name, words, ("kind",), by_kind, "counter")


def _entries(session: Session, candidates: Candidates) -> list[Family]:
    """What is indexed is read before what there is: a lag is never told too small."""
    sizes, memory, seen = candidates.sizes(), candidates.memory(), candidates.seen()
    known = gauges.protocols(session)

    def by_protocol(name: str, words: str, value: Callable[[ProtocolGauge], float]) -> Family:
        return Family(name, words, ("protocol",), {(one.name,): value(one) for one in known})

    indexed = [one for one in known if one.digest in sizes]
    return [
        Family(
            "genebank_newest_entry",
            "Number of the newest entry: how many there are.",
            (),
            {(): gauges.newest_entry(session)},
        ),
        Family(
            "genebank_withdrawn_models",
            "Models that were withdrawn.",
            (),
            {(): withdrawals.count(session)},
        ),
        Family(
            "genebank_index_entries",
            "Entries in this process's index, withdrawn ones among them.",
            ("protocol",),
            {(one.name,): sizes[one.digest] for one in indexed},
        ),
        Family(
            "genebank_index_bytes",
            "Memory of this process's index.",
            ("protocol",),
            {(one.name,): memory.get(one.digest, 0) for one in indexed},
        ),
        Family(
            "genebank_index_lag",
            "Newest entry's number minus the newest that this process's index has.",
            ("protocol",),
            {(one.name,): max(0, one.newest - seen.get(one.digest, 0)) for one in indexed},
        ),
        by_protocol(
            "genebank_reference_version",
            "Version of the newest reference; 0: there is none.",
            lambda one: one.reference_version,
        ),
        by_protocol(
            "genebank_tree_lag",
            "Newest entry's number minus the newest that the standing tree has.",
            lambda one: one.newest - one.tree_newest if one.tree_version else 0,
        ),
    ]
