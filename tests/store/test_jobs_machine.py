"""Jobs against a plain model of them: any sequence of what clients, workers and clocks can do."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, update

from app.errors import ConflictError
from app.records import TERMINAL_STATES, JobRecord
from app.store import jobs
from app.store.database import Database, Session
from app.store.jobs import FenceError
from app.store.rows import CheckpointRow, JobRow
from tests.store.making import make_due, make_model, move_lease

LONG = 600.0
Row = dict[str, Any]
COLUMNS = (
    "state",
    "fence",
    "lease_losses",
    "model_faults",
    "cancel_requested",
    "error_code",
    "done",
)


@dataclass
class Expected:
    """What a job must look like."""

    key: tuple[str, frozenset[str]]
    state: str = "queued"
    fence: int = 0
    lease_losses: int = 0
    model_faults: int = 0
    cancel_requested: bool = False
    error_code: str | None = None
    done: int = 0
    due: bool = True
    leased: bool = False
    batches: set[tuple[str, int]] = field(default_factory=set)

    def to(self, state: str, *, due: bool = True, error: str | None = None) -> None:
        self.state, self.leased, self.due = state, False, due
        self.error_code = error or self.error_code
        if state in TERMINAL_STATES:
            self.batches.clear()


def _faulted(job: Expected) -> None:
    job.model_faults += 1
    job.to("quarantined" if job.model_faults == 3 else "queued", due=False, error="crashed")


def _kept(number: int) -> Callable[[Expected], None]:
    def effect(job: Expected) -> None:
        job.done += 1
        job.batches.add(("p", number))

    return effect


def _succeeded(job: Expected) -> None:
    job.to("succeeded")
    job.error_code = None


Call = Callable[[Session, JobRecord], object]
# What a worker may write about its job, and what that does.
WRITES: dict[str, tuple[Call, Callable[[Expected], None]]] = {
    "renew": (lambda s, j: jobs.renew(s, j, LONG), lambda job: None),
    "progress": (
        lambda s, j: jobs.progress(s, j, stage="load", done=None, total=9),
        lambda job: None,
    ),
    "checkpoint 0": (lambda s, j: jobs.checkpoint(s, j, ("p", 0), b"zero"), _kept(0)),
    "checkpoint 1": (lambda s, j: jobs.checkpoint(s, j, ("p", 1), b"one"), _kept(1)),
    "succeed": (jobs.succeed, _succeeded),
    "fail": (
        lambda s, j: jobs.fail(s, j, "bad", "It is bad."),
        lambda job: job.to("failed", error="bad"),
    ),
    "fault": (lambda s, j: jobs.fault(s, j, "crashed", "It crashed."), _faulted),
    "release": (jobs.release, lambda job: job.to("queued")),
    "delay": (jobs.delay, lambda job: job.to("queued", due=False)),
    "cancelled": (jobs.cancelled, lambda job: job.to("cancelled")),
}


class Jobs(RuleBasedStateMachine):
    """Claims stay in the hands of workers for ever, so most writes come too late.

    All steps of a sequence are savepoints of one transaction, which is thrown away at its end:
    what concurrent transactions do to each other is tested beside this file.
    """

    ids = Bundle("ids")
    claims = Bundle("claims")

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.open = ExitStack()
        self.session = self.open.enter_context(database.read())
        self.expected: dict[str, Expected] = {}
        self.holders: dict[str, JobRecord] = {}
        self.seen: dict[str, Row] = {}
        with self.step() as session:
            self.models = [make_model(session, label).id for label in ("a", "b")]

    def teardown(self) -> None:
        self.open.close()

    @contextmanager
    def step(self) -> Iterator[Session]:
        with self.session.begin_nested():
            yield self.session
        self.session.expunge_all()

    @rule(target=ids, model=st.integers(0, 1), protocols=st.sampled_from([["p", "q"], ["q", "p"]]))
    def submit(self, model: int, protocols: list[str]) -> object:
        key = self.models[model], frozenset(protocols)
        live = [
            job_id
            for job_id, job in self.expected.items()
            if job.key == key and job.state not in ("failed", "cancelled")
        ]
        with self.step() as session:
            job, is_new = jobs.submit(session, "extract", key[0], protocols)
        if live:
            assert ([job.id], is_new) == (live, False)
            return multiple()
        assert is_new
        assert job.id not in self.expected
        self.expected[job.id] = Expected(key)
        return job.id

    @rule(target=claims)
    def claim(self) -> object:
        due = [job_id for job_id, job in self.expected.items() if job.state == "queued" and job.due]
        longest = min(due, key=lambda job_id: (self.seen[job_id]["due_at"], job_id), default=None)
        with self.step() as session:
            job = jobs.claim(session, "somebody", LONG)
        if job is None:
            assert not due
            return multiple()
        assert job.id == longest
        expected = self.expected[job.id]
        expected.fence += 1
        expected.state, expected.leased = "running", True
        assert (job.state, job.fence) == ("running", expected.fence)
        self.holders[job.id] = job
        return job

    @rule(claim=claims, name=st.sampled_from(sorted(WRITES)))
    def somebody_writes(self, claim: JobRecord, name: str) -> None:
        self.write(claim, name)

    @rule(job_id=ids, name=st.sampled_from(sorted(WRITES)))
    def the_last_holder_writes(self, job_id: str, name: str) -> None:
        if job_id in self.holders:
            self.write(self.holders[job_id], name)

    def write(self, claim: JobRecord, name: str) -> None:
        call, effect = WRITES[name]
        job = self.expected[claim.id]
        if job.state == "running" and job.leased and job.fence == claim.fence:
            with self.step() as session:
                answer = call(session, claim)
            effect(job)
            assert name != "renew" or answer is job.cancel_requested
            return
        before = self.tables()
        with self.step() as session, pytest.raises(FenceError):
            call(session, claim)  # caught inside: nothing may be left even without a rollback
        assert self.tables() == before

    @rule(job_id=ids)
    def cancel(self, job_id: str) -> None:
        job = self.expected[job_id]
        if job.state in TERMINAL_STATES:
            with self.step() as session, pytest.raises(ConflictError, match="job_ended"):
                jobs.cancel(session, job_id)
            return
        with self.step() as session:
            record = jobs.cancel(session, job_id)
        if job.state == "queued":
            job.to("cancelled")
        else:
            job.cancel_requested = True
        assert (record.state, record.cancel_requested) == (job.state, job.cancel_requested)

    @rule()
    def reconcile(self) -> None:
        lost = [job for job in self.expected.values() if job.state == "running" and not job.leased]
        with self.step() as session:
            assert jobs.reconcile(session) == len(lost)
        for job in lost:
            job.lease_losses += 1
            if job.cancel_requested:
                job.to("cancelled")
            elif job.lease_losses == 20:
                job.to("failed", error="lease_losses")
            else:
                job.to("queued")

    @rule(job_id=ids)
    def a_lease_runs_out(self, job_id: str) -> None:
        with self.step() as session:
            move_lease(session, job_id, -1.0)
        self.expected[job_id].leased = False

    @rule(job_id=ids)
    def time_passes(self, job_id: str) -> None:
        if self.expected[job_id].state == "queued":
            with self.step() as session:
                make_due(session, job_id)
            self.expected[job_id].due = True

    @rule(job_id=ids)
    def luck_runs_out(self, job_id: str) -> None:
        """As if it had been lost, and had broken, as often as a job may be."""
        job = self.expected[job_id]
        if job.state == "queued":
            job.lease_losses, job.model_faults = 19, 2
            with self.step() as session:
                session.execute(
                    update(JobRow)
                    .where(JobRow.id == job_id)
                    .values(lease_losses=19, model_faults=2)
                )

    @invariant()
    def the_tables_are_as_expected(self) -> None:
        rows, batches = self.tables()
        assert rows.keys() == self.expected.keys()
        for job_id, row in rows.items():
            job = self.expected[job_id]
            wanted = {name: getattr(job, name) for name in COLUMNS}
            assert {name: row[name] for name in COLUMNS} == wanted
            assert (row["lease_until"] is not None) == (job.state == "running")
            assert batches.get(job_id, set()) == job.batches
            self.only_forward(job_id, row)
        self.seen = rows

    def only_forward(self, job_id: str, row: Row) -> None:
        before = self.seen.get(job_id, row)
        # Our own hand moved these without the store; a renewal is no news for watchers.
        unseen = {"lease_until", "due_at", "lease_losses", "model_faults"}
        moved = any(row[name] != before[name] for name in row.keys() - unseen)
        assert row["version"] > before["version"] if moved else row["version"] == before["version"]
        if before["state"] in TERMINAL_STATES:
            assert row == before

    def tables(self) -> tuple[dict[str, Row], dict[str, set[tuple[str, int]]]]:
        found = self.session.execute(select(*JobRow.__table__.c)).mappings().all()
        kept = self.session.execute(select(*CheckpointRow.__table__.c)).all()
        batches: dict[str, set[tuple[str, int]]] = {}
        for job_id, protocol, number, _ in kept:
            batches.setdefault(job_id, set()).add((protocol, number))
        return {row["id"]: dict(row) for row in found}, batches


def test_no_sequence_of_events_breaks_a_job(database: Database) -> None:
    run_state_machine_as_test(
        lambda: Jobs(database),
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
