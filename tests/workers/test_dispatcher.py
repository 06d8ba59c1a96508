"""The embedded worker: what becomes of jobs that end well, badly, or not at all."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from app.queue import WorkerConfig, start_embedded
from app.records import JobRecord
from app.store import jobs
from app.store.database import Database
from app.store.rows import JobRow
from tests.registering import register_local
from tests.tiny_model import write_model
from workers.dispatcher import Dispatcher


@contextmanager
def working(database: Database, config: WorkerConfig) -> Iterator[Dispatcher]:
    worker = start_embedded(database, config)
    assert isinstance(worker, Dispatcher)
    try:
        yield worker
    finally:
        worker.stop()


def submit(database: Database, directory: Path) -> str:
    return register_local(database, directory).job.id


def job_now(database: Database, job_id: str) -> JobRecord:
    with database.read() as session:
        return jobs.get(session, job_id)


def await_job(database: Database, job_id: str, true: Callable[[JobRecord], bool]) -> JobRecord:
    until = time.monotonic() + 120
    while not true(job := job_now(database, job_id)):
        assert time.monotonic() < until, job
        # Do not sit out the pause after a fault.
        with database.write() as session:
            session.execute(update(JobRow).where(JobRow.state == "queued").values(due_at=0))
        time.sleep(0.1)
    return job


def terminal(job: JobRecord) -> bool:
    return job.is_terminal


def test_good_and_bad_models_each_end_as_they_should(
    database: Database, config: WorkerConfig, tmp_path: Path
) -> None:
    good = submit(database, write_model(tmp_path / "models" / "good", seed=1))
    (tmp_path / "models" / "bad").mkdir()
    bad = submit(database, tmp_path / "models" / "bad")
    with working(database, config) as worker:
        worker.ring()
        failed = await_job(database, bad, terminal)
        succeeded = await_job(database, good, terminal)
    assert (failed.state, failed.error_code) == ("failed", "not_a_model")
    assert (failed.model_faults, failed.lease_losses) == (0, 0)
    assert (succeeded.state, succeeded.error_code) == ("succeeded", None)


def test_a_model_that_breaks_its_process_three_times_is_quarantined(
    database: Database, config: WorkerConfig, tmp_path: Path
) -> None:
    job = submit(database, write_model(tmp_path / "models" / "big", seed=1))
    with working(database, replace(config, job_memory_mb=1)):
        ended = await_job(database, job, terminal)
    assert (ended.state, ended.error_code) == ("quarantined", "out_of_memory")
    assert (ended.model_faults, ended.lease_losses) == (3, 0)


def test_a_worker_that_stops_gives_its_job_back(
    database: Database, config: WorkerConfig, tmp_path: Path
) -> None:
    job = submit(database, write_model(tmp_path / "models" / "one", seed=1))
    with working(database, config):
        await_job(database, job, lambda now: now.state == "running")
    given_back = job_now(database, job)
    assert given_back.state == "queued"
    assert (given_back.model_faults, given_back.lease_losses) == (0, 0)
    with working(database, config):
        assert await_job(database, job, terminal).state == "succeeded"


def test_a_running_job_is_cancelled_soon(
    database: Database, config: WorkerConfig, tmp_path: Path
) -> None:
    job = submit(database, write_model(tmp_path / "models" / "one", seed=1))
    with working(database, config):
        await_job(database, job, lambda now: now.state == "running")
        with database.write() as session:
            jobs.cancel(session, job)
        assert await_job(database, job, terminal).state == "cancelled"


def test_nothing_runs_on_after_a_stop(database: Database, config: WorkerConfig) -> None:
    before = set(threading.enumerate())
    with working(database, config):
        pass
    assert set(threading.enumerate()) <= before
