"""Use case: what lost workers held is taken back. Safe to run anywhere, any time, many at once."""

import structlog

from app import measures
from app.store import jobs, workers
from app.store.database import Database

log = structlog.get_logger(__name__)


def take_back(database: Database) -> int:
    """Queue the jobs whose lease ran out and return how many; forget workers that are gone."""
    with database.write() as session:
        lost = jobs.reconcile(session)
        gone = workers.expire(session)
    measures.taken_back(lost)
    if lost or gone:
        log.warning("lost workers", jobs_taken_back=lost, workers_gone=gone)
    return lost
