"""A lease that is kept while something computes, and what the computation hears."""

import threading
import time
from collections.abc import Callable

import pytest

from app.records import JobRecord
from app.store import jobs
from app.store.database import Database
from tests.store.making import make_model, move_lease
from workers.lease import CancelledError, Lease, StoppingError


@pytest.fixture
def job(database: Database) -> JobRecord:
    with database.write() as session:
        jobs.submit(session, "tree", make_model(session, "one").id, [])
        claimed = jobs.claim(session, "test", 60.0)
    assert claimed is not None
    return claimed


def compute_until_told(check: Callable[[], None]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        check()
        time.sleep(0.01)


def computing(lease: Lease) -> None:
    with lease.kept() as check:
        compute_until_told(check)


def test_a_computation_hears_that_its_job_is_cancelled(database: Database, job: JobRecord) -> None:
    with database.write() as session:
        jobs.cancel(session, job.id)
    with pytest.raises(CancelledError):
        computing(Lease(database, job, 3.0, threading.Event()))


def test_a_computation_hears_that_the_worker_stops(database: Database, job: JobRecord) -> None:
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(StoppingError):
        computing(Lease(database, job, 3.0, stopping))


def test_a_computation_hears_that_its_job_was_lost(database: Database, job: JobRecord) -> None:
    with database.write() as session:
        move_lease(session, job.id, -1.0)
        jobs.reconcile(session)
    with pytest.raises(jobs.FenceError):
        computing(Lease(database, job, 3.0, threading.Event()))


def test_the_lease_is_kept_and_the_thread_ends(database: Database, job: JobRecord) -> None:
    before = set(threading.enumerate())
    lease = Lease(database, job, 0.6, threading.Event())
    with database.write() as session:
        move_lease(session, job.id, 0.6)
    with lease.kept() as check:
        time.sleep(1.2)
        check()
        with database.write() as session:
            assert jobs.reconcile(session) == 0
        lease.show("compare", 1, 2)
    assert set(threading.enumerate()) <= before
