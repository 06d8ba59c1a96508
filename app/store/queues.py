"""What waits and runs, by queue."""

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.records import LIVE_STATES, QueueRecord
from app.store.clock import db_now
from app.store.rows import JobRow


def due(session: Session, queue: str, limit: int) -> list[str]:
    """The ids of up to `limit` due jobs of a queue, those first that have waited longest."""
    return list(
        session.scalars(
            select(JobRow.id)
            .where(JobRow.state == "queued", JobRow.queue == queue, JobRow.due_at <= db_now())
            .order_by(JobRow.due_at, JobRow.id)
            .limit(limit)
        )
    )


def every(session: Session) -> list[QueueRecord]:
    """All queues that have jobs which wait or run, by name."""
    queued = func.sum(case((JobRow.state == "queued", 1), else_=0))
    oldest = func.min(case((JobRow.state == "queued", JobRow.due_at)))
    rows = session.execute(
        select(JobRow.queue, queued, func.count(), db_now() - oldest)
        .where(JobRow.state.in_(LIVE_STATES))
        .group_by(JobRow.queue)
        .order_by(JobRow.queue)
    )
    return [
        QueueRecord(name, int(waiting), total - int(waiting), max(0.0, due_s or 0.0))
        for name, waiting, total, due_s in rows
    ]
