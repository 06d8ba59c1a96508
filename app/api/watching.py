"""Waiting for jobs to change. Nothing is held meanwhile: no thread, no session, no connection."""

import asyncio
import time
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool

from app.api.schemas import Job
from app.api.views import jobs_shown
from app.records import JobRecord
from app.store import jobs
from app.store.database import Database

# Seconds between two looks at the database, each of which reads one row.
PAUSE_S = 0.25


async def look(database: Database, job_id: str) -> JobRecord:
    """One short look; NotFoundError `no_such_job`."""
    return await run_in_threadpool(_look, database, job_id)


async def show(database: Database, job: JobRecord) -> Job:
    """The job as it goes out."""
    return await run_in_threadpool(_show, database, job)


async def wait_for(
    database: Database, job_id: str, seconds: float, version: int | None
) -> JobRecord:
    """The job when it has ended, or is beyond `version` if that is given, or time is up.

    Raises NotFoundError `no_such_job`.
    """
    deadline = time.monotonic() + seconds
    while True:
        job = await look(database, job_id)
        left = deadline - time.monotonic()
        if job.is_terminal or left <= 0 or (version is not None and job.version > version):
            return job
        await asyncio.sleep(min(PAUSE_S, left))


async def changes(database: Database, job_id: str, version: int) -> AsyncIterator[JobRecord]:
    """Yield the job whenever it is seen beyond the version seen last, until it has ended."""
    while True:
        job = await look(database, job_id)
        if job.version > version:
            version = job.version
            yield job
        if job.is_terminal:
            return
        await asyncio.sleep(PAUSE_S)


def _look(database: Database, job_id: str) -> JobRecord:
    with database.read() as session:
        return jobs.get(session, job_id)


def _show(database: Database, job: JobRecord) -> Job:
    with database.read() as session:
        return jobs_shown(session, [job])[0]
