"""Jobs under many workers at once, each with connections of its own."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import text

from app.errors import ConflictError
from app.records import JobRecord
from app.store import jobs
from app.store.database import Database, Session
from app.store.jobs import FenceError
from tests.store.making import make_model
from tests.store.threads import at_once

WORKERS = 5


def submit(database: Database, n: int) -> set[str]:
    with database.write() as session:
        models = [make_model(session, f"m{number}") for number in range(n)]
        return {jobs.submit(session, "extract", model.id, ["p"])[0].id for model in models}


def claim(database: Database, lease_s: float = 60.0) -> JobRecord | None:
    with database.write() as session:
        return jobs.claim(session, "somebody", lease_s)


def test_no_job_is_given_to_two(database: Database) -> None:
    made = submit(database, 30)

    def work(_: int) -> list[str]:
        return [job.id for job in iter(lambda: claim(database), None)]

    taken = [job_id for mine in at_once(work, WORKERS) for job_id in mine]
    assert len(taken) == 30
    assert set(taken) == made


def test_one_job_is_made_of_many_equal_posts(database: Database) -> None:
    with database.write() as session:
        model = make_model(session, "m")

    def work(_: int) -> tuple[JobRecord, bool]:
        with database.write() as session:
            return jobs.submit(session, "extract", model.id, ["p"])

    made = at_once(work, WORKERS)
    assert len({job.id for job, _ in made}) == 1
    assert sum(is_new for _, is_new in made) == 1


class Mess:
    """Workers that stall past their leases at random; each success is told after its commit."""

    def __init__(self, database: Database, n: int) -> None:
        self.database = database
        self.made = submit(database, n)
        self.ended: Counter[str] = Counter()
        self.fenced: list[str] = []
        self.deadline = time.monotonic() + 30

    def work(self, number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a repeatable mess, not a secret
        while not self.all_ended():
            assert time.monotonic() < self.deadline
            job = claim(self.database, lease_s=0.2)
            if job is None:
                time.sleep(0.02)
                continue
            try:
                self.see_through(job, stalls=rng.random() < 0.3)
            except FenceError:
                self.fenced.append(job.id)

    def see_through(self, job: JobRecord, *, stalls: bool) -> None:
        with self.database.write() as session:
            jobs.checkpoint(session, job, ("p", job.fence), b"answers")
        if stalls:
            time.sleep(0.3)
        with self.database.write() as session:
            jobs.succeed(session, job)
        self.ended[job.id] += 1

    def all_ended(self) -> bool:
        with self.database.write() as session:
            jobs.reconcile(session)
            return jobs.count_by_state(session) == {"succeeded": len(self.made)}


def test_a_job_ends_once_whoever_loses_leases(database: Database) -> None:
    mess = Mess(database, 8)
    at_once(mess.work, WORKERS)
    assert mess.ended == Counter(dict.fromkeys(mess.made, 1))
    assert mess.fenced, "nobody stalled: this shows nothing"
    with database.read() as session:
        assert not any(jobs.checkpoints(session, job_id) for job_id in mess.made)


ENDINGS: dict[str, Callable[[Session, JobRecord], None]] = {
    "release": jobs.release,
    "fault": lambda session, job: jobs.fault(session, job, "crashed", "It crashed."),
    "succeed": jobs.succeed,
}


@pytest.mark.parametrize("how", sorted(ENDINGS))
def test_a_cancel_waits_for_what_a_worker_is_writing(database: Database, how: str) -> None:
    """A job that is given back meanwhile is cancelled; one that succeeded has ended."""
    submit(database, 1)
    job = claim(database)
    assert job is not None
    asking = threading.Event()

    def write() -> str:
        with database.write() as session:
            ENDINGS[how](session, job)
            assert asking.wait(10)
            time.sleep(0.3)  # until the other one stands before the locked row
        return "written"

    def cancel() -> str:
        time.sleep(0.1)
        asking.set()
        try:
            with database.write() as session:
                return jobs.cancel(session, job.id).state
        except ConflictError as error:
            return error.code

    _, answer = at_once(lambda number: (write, cancel)[number](), 2)
    with database.read() as session:
        now = jobs.get(session, job.id)
    if how == "succeed":
        assert (answer, now.state, now.cancel_requested) == ("job_ended", "succeeded", False)
    else:
        assert answer == now.state == "cancelled"


# SQLite has one writer at a time.
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_claim_does_not_wait_for_another(database: Database) -> None:
    made = submit(database, 2)
    with database.write() as first, database.write() as second:
        second.execute(text("SET LOCAL lock_timeout = '5s'"))
        taken = [jobs.claim(session, "somebody", 60.0) for session in (first, second)]
    assert {job.id for job in taken if job is not None} == made


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_worker_that_stands_still_in_a_write_keeps_no_other_job_waiting(
    database: Database,
) -> None:
    """Found by tests/faults: for a minute nothing was taken back, until its session was ended."""
    submit(database, 3)
    asleep, lost, unwanted = (claim(database, lease_s=0.1) for _ in range(3))
    assert asleep is not None
    assert lost is not None
    assert unwanted is not None
    with database.write() as session:
        jobs.cancel(session, unwanted.id)
    time.sleep(0.2)
    with database.write() as still, database.write() as session:
        jobs.get(still, asleep.id, lock=True)
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        assert jobs.reconcile(session) == 2
    with database.write() as session:
        assert jobs.reconcile(session) == 1
        assert jobs.count_by_state(session) == {"queued": 2, "cancelled": 1}
