"""Jobs against a plain model of them, through thousands of random events.

Clients, workers and clocks act in any order; claims stay in the hands of their workers for ever,
so that most writes come too late. All events of a run are savepoints of one transaction: what
concurrent transactions do to each other is in test_jobs_concurrently.py.
"""

import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text, update

from app.errors import ConflictError
from app.records import TERMINAL_STATES, JobRecord
from app.store import jobs
from app.store.database import Database, Session
from app.store.jobs import FenceError
from app.store.rows import JobRow
from tests.store.making import make_due, make_model, move_lease

LONG = 600.0
BATCHES = text("SELECT job_id, protocol_digest, batch FROM checkpoints")
Row = dict[str, Any]
Tables = tuple[dict[str, Row], dict[str, set[tuple[str, int]]]]


@dataclass
class Expected:
    """What a job must look like; the first fields are columns."""

    state: str = "queued"
    fence: int = 0
    lease_losses: int = 0
    model_faults: int = 0
    cancel_requested: bool = False
    error_code: str | None = None
    done: int = 0
    key: tuple[str, frozenset[str]] = ("", frozenset())
    due: bool = True
    leased: bool = False
    batches: set[tuple[str, int]] = field(default_factory=set)

    def to(self, state: str, *, due: bool = True, error: str | None = None) -> None:
        self.state, self.leased, self.due = state, False, due
        self.error_code = error or self.error_code
        if state in TERMINAL_STATES:
            self.batches.clear()


COLUMNS = [*Expected.__dataclass_fields__][:7]


def _nothing(_job: Expected) -> None:
    pass


def _kept(number: int) -> Callable[[Expected], None]:
    def effect(job: Expected) -> None:
        job.done += 1
        job.batches.add(("p", number))

    return effect


def _faulted(job: Expected) -> None:
    job.model_faults += 1
    job.to("quarantined" if job.model_faults == 3 else "queued", due=False, error="crashed")


def _lost(job: Expected) -> None:
    job.lease_losses += 1
    is_last = job.lease_losses == 20
    job.to("failed" if is_last else "queued", error="lease_losses" if is_last else None)


def _succeeded(job: Expected) -> None:
    job.to("succeeded")
    job.error_code = None


Call = Callable[[Session, JobRecord], object]
# What a worker may write about its job, and what that does.
WRITES: dict[str, tuple[Call, Callable[[Expected], None]]] = {
    "renew": (lambda s, j: jobs.renew(s, j, LONG), _nothing),
    "progress": (lambda s, j: jobs.progress(s, j, stage="load", done=None, total=9), _nothing),
    "checkpoint 0": (lambda s, j: jobs.checkpoint(s, j, ("p", 0), b"zero"), _kept(0)),
    "checkpoint 1": (lambda s, j: jobs.checkpoint(s, j, ("p", 1), b"one"), _kept(1)),
    "succeed": (jobs.succeed, _succeeded),
    "fail": (
        lambda s, j: jobs.fail(s, j, "bad", "It is bad."),
        lambda job: job.to("failed", error="bad"),
    ),
    "fault": (lambda s, j: jobs.fault(s, j, "crashed", "It crashed."), _faulted),
    "release": (jobs.release, lambda job: job.to("queued")),
    "delay": (
        lambda s, j: jobs.delay(s, j, "hub_down", "It is down.", 30.0),
        lambda job: job.to("queued", due=False, error="hub_down"),
    ),
    "lose": (jobs.lose, _lost),
    "cancelled": (jobs.cancelled, lambda job: job.to("cancelled")),
}


class Simulation:
    """A database and what must be in it; `seen` collects the situations that came up."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session = session
        self.rng = random.Random(seed)  # noqa: S311 - a repeatable mess, not a secret
        self.expected: dict[str, Expected] = {}
        self.claims: list[JobRecord] = []
        self.rows: dict[str, Row] = {}
        self.seen: set[str] = set()
        with self.step():
            self.models = [make_model(session, label).id for label in "abc"]

    def run(self, events: int) -> None:
        """Let so many random events happen; compare the tables after each."""
        acts = {self.submit: 2, self.claim: 3, self.write: 6, self.cancel: 1, self.reconcile: 1}
        acts |= {self.lose_lease: 2, self.pass_time: 2, self.run_out_of_luck: 2}
        for act in self.rng.choices([*acts], [*acts.values()], k=events):
            act()
            self.session.expunge_all()
            self.compare()

    def step(self) -> AbstractContextManager[object]:
        return self.session.begin_nested()

    def some_job(self, *states: str) -> str | None:
        fitting = [job_id for job_id, job in self.expected.items() if job.state in states]
        return self.rng.choice(fitting) if fitting else None

    def submit(self) -> None:
        model, protocols = self.rng.choice(self.models), self.rng.sample("pq", 2)
        key = model, frozenset(protocols)
        live = [
            job_id
            for job_id, job in self.expected.items()
            if job.key == key and job.state not in ("failed", "cancelled")
        ]
        with self.step():
            job, is_new = jobs.submit(self.session, "extract", model, protocols)
        assert is_new == (not live) == (job.id not in self.expected)
        if is_new:
            self.expected[job.id] = Expected(key=key)
        else:
            assert [job.id] == live
            self.seen.add(f"submitted again while {job.state}")
        if self.rng.random() < 0.3 and job.state in ("succeeded", "quarantined"):
            # Nothing revives these: make room for more to happen.
            with self.step():
                self.session.execute(
                    update(JobRow).where(JobRow.id == job.id).values(dedupe_key=job.id)
                )
            self.expected[job.id].key = (job.id, frozenset())
            self.rows = self.tables()[0]

    def claim(self) -> None:
        due = [job_id for job_id, job in self.expected.items() if job.state == "queued" and job.due]
        longest = min(due, key=lambda job_id: (self.rows[job_id]["due_at"], job_id), default=None)
        with self.step():
            job = jobs.claim(self.session, "somebody", LONG)
        assert (job and job.id) == longest
        if job is not None:
            expected = self.expected[job.id]
            expected.fence += 1
            expected.state, expected.leased = "running", True
            assert (job.state, job.fence) == ("running", expected.fence)
            self.claims.append(job)

    def write(self) -> None:
        if not self.claims:
            return
        job = self.rng.choice(self.claims[-4:])  # recent ones: some hold, some were overtaken
        expected = self.expected[job.id]
        names = self.rng.sample([*WRITES], 4)
        if expected.state == "running" and expected.leased and expected.fence == job.fence:
            self.write_as_holder(job, names[0])
        else:
            self.write_in_vain(job, names)

    def write_as_holder(self, job: JobRecord, name: str) -> None:
        call, effect = WRITES[name]
        expected = self.expected[job.id]
        with self.step():
            answer = call(self.session, job)
        assert name != "renew" or answer is expected.cancel_requested
        effect(expected)
        self.seen.add(f"{name}, now {expected.state}")

    def write_in_vain(self, job: JobRecord, names: list[str]) -> None:
        before = self.tables()
        expected = self.expected[job.id]
        why = "overtaken" if expected.fence != job.fence else "too late"
        for name in names:
            with self.step(), pytest.raises(FenceError):
                # Caught inside: nothing may be left even without a rollback.
                WRITES[name][0](self.session, job)
            self.seen.add(f"{name} refused: {why}, {expected.state}")
        assert self.tables() == before

    def cancel(self) -> None:
        job_id = self.some_job(*(TERMINAL_STATES if self.rng.random() < 0.3 else LIVE))
        if job_id is None:
            return
        job = self.expected[job_id]
        if job.state in TERMINAL_STATES:
            with self.step(), pytest.raises(ConflictError, match="job_ended"):
                jobs.cancel(self.session, job_id)
            return
        with self.step():
            record = jobs.cancel(self.session, job_id)
        self.seen.add(f"cancel while {job.state}{' with batches' * bool(job.batches)}")
        if job.state == "queued":
            job.to("cancelled")
        else:
            job.cancel_requested = True
        assert (record.state, record.cancel_requested) == (job.state, job.cancel_requested)

    def reconcile(self) -> None:
        lost = [job for job in self.expected.values() if job.state == "running" and not job.leased]
        with self.step():
            assert jobs.reconcile(self.session) == len(lost)
        for job in lost:
            job.lease_losses += 1
            if job.cancel_requested:
                job.to("cancelled")
            elif job.lease_losses == 20:
                job.to("failed", error="lease_losses")
            else:
                job.to("queued")
            self.seen.add(f"lost, now {job.state}")
        for job in self.expected.values():
            if job.state == "queued" and job.cancel_requested:
                job.to("cancelled")
                self.seen.add("given back, now cancelled")

    def lose_lease(self) -> None:
        job_id = self.some_job("running")
        if job_id is not None:
            with self.step():
                move_lease(self.session, job_id, -1.0)
            self.expected[job_id].leased = False

    def pass_time(self) -> None:
        job_id = self.some_job("queued")
        if job_id is not None:
            with self.step():
                make_due(self.session, job_id)
            self.expected[job_id].due = True

    def run_out_of_luck(self) -> None:
        """As if it had been lost, and had broken, almost as often as a job may be."""
        job_id = self.some_job("queued")
        if job_id is not None:
            luck = {"lease_losses": 19, "model_faults": 2}
            with self.step():
                self.session.execute(update(JobRow).where(JobRow.id == job_id).values(**luck))
            self.expected[job_id].lease_losses, self.expected[job_id].model_faults = 19, 2

    def compare(self) -> None:
        rows, batches = self.tables()
        assert rows.keys() == self.expected.keys()
        for job_id, row in rows.items():
            job = self.expected[job_id]
            assert {name: row[name] for name in COLUMNS} == {n: getattr(job, n) for n in COLUMNS}
            assert (row["lease_until"] is not None) == (job.state == "running")
            assert batches.get(job_id, set()) == job.batches
            self.compare_with_before(row)
        self.rows = rows

    def compare_with_before(self, row: Row) -> None:
        before = self.rows.get(row["id"], row)
        # Our own hand moved these without the store; a renewal is no news for watchers.
        unseen = {"lease_until", "due_at", "lease_losses", "model_faults"}
        moved = any(row[name] != before[name] for name in row.keys() - unseen)
        assert row["version"] > before["version"] if moved else row["version"] == before["version"]
        if before["state"] in TERMINAL_STATES:
            assert row == before

    def tables(self) -> Tables:
        found = self.session.execute(text("SELECT * FROM jobs")).mappings().all()
        kept = self.session.execute(BATCHES).all()
        batches: dict[str, set[tuple[str, int]]] = {}
        for job_id, protocol, number in kept:
            batches.setdefault(job_id, set()).add((protocol, number))
        return {row["id"]: dict(row) for row in found}, batches


LIVE = ("queued", "running")
# Without these a run would show little.
SITUATIONS = {
    *(f"{name}, now running" for name in ("renew", "progress", "checkpoint 0", "checkpoint 1")),
    *(f"{name}, now queued" for name in ("fault", "release", "delay", "lose")),
    *("lose, now failed", "given back, now cancelled"),
    *("succeed, now succeeded", "fail, now failed", "fault, now quarantined"),
    *("cancelled, now cancelled", "cancel while queued", "cancel while running"),
    *("cancel while queued with batches", "cancel while running with batches"),
    *(f"lost, now {state}" for state in ("queued", "cancelled", "failed")),
    *(f"{name} refused: too late, running" for name in WRITES),
    *(f"{name} refused: overtaken, running" for name in WRITES),
    *(f"submitted again while {state}" for state in (*LIVE, "succeeded", "quarantined")),
}


def test_no_sequence_of_events_breaks_a_job(database: Database) -> None:
    seen: set[str] = set()
    for seed in range(42, 72):  # after the first four all has come up
        with database.read() as session:  # thrown away at its end
            simulation = Simulation(session, seed)
            simulation.run(200)
        seen |= simulation.seen
        if seen >= SITUATIONS:
            return
    pytest.fail(f"never came up: {sorted(SITUATIONS - seen)}")
