"""Workers that are there: each shows itself every few seconds, and one that does not expires."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.records import HearsBy, Held, JobKind, WorkerRecord
from app.store.clock import db_now
from app.store.rows import JobRow, WorkerRow


def show(session: Session, worker: WorkerRecord, for_s: float) -> None:
    """Write that a worker is there now, which holds for `for_s` seconds."""
    seen = {"is_draining": worker.is_draining, "seen_at": db_now(), "expires_at": db_now() + for_s}
    known = session.scalar(
        update(WorkerRow).where(WorkerRow.id == worker.id).values(**seen).returning(WorkerRow.id)
    )
    if known is None:
        session.add(
            WorkerRow(
                id=worker.id,
                host=worker.host,
                pid=worker.pid,
                version=worker.version,
                hears_by=worker.hears_by,
                queues=list(worker.queues),
                slots=worker.slots,
                **seen,
            )
        )


def leave(session: Session, worker_id: str) -> None:
    """A worker has ended."""
    session.execute(delete(WorkerRow).where(WorkerRow.id == worker_id))


def expire(session: Session) -> int:
    """Forget workers that no longer show themselves; return how many. Safe to run anywhere.

    One that stands still while it shows itself is left for the next time.
    """
    silent = select(WorkerRow.id).where(WorkerRow.expires_at < db_now())
    free = WorkerRow.id.in_(silent.with_for_update(skip_locked=True))
    gone = delete(WorkerRow).where(free).returning(WorkerRow.id)
    return len(session.scalars(gone).all())


def present(session: Session) -> list[WorkerRecord]:
    """The workers that are there, by host and since when."""
    rows = session.scalars(
        select(WorkerRow)
        .where(WorkerRow.expires_at >= db_now())
        .order_by(WorkerRow.host, WorkerRow.started_at, WorkerRow.id)
    )
    return [
        WorkerRecord(
            id=row.id,
            host=row.host,
            pid=row.pid,
            version=row.version,
            hears_by=cast("HearsBy", row.hears_by),
            queues=tuple(row.queues),
            slots=row.slots,
            is_draining=row.is_draining,
            started_at=row.started_at,
            seen_at=row.seen_at,
        )
        for row in rows
    ]


def held(session: Session, worker_ids: Sequence[str]) -> list[Held]:
    """The jobs that these workers hold, in the order in which they took them."""
    rows = session.scalars(
        select(JobRow)
        .where(JobRow.state == "running", JobRow.lease_owner.in_(worker_ids))
        .order_by(JobRow.claimed_at, JobRow.id)
    )
    return [
        Held(
            worker_id=row.lease_owner or "",
            job_id=row.id,
            kind=cast("JobKind", row.kind),
            model_id=row.model_id,
            stage=row.stage,
            since=row.claimed_at or row.updated_at,
        )
        for row in rows
    ]
