"""Jobs that would never end by themselves, and those that ended without what they were for."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from app.records import TERMINAL_STATES
from app.store import jobs
from app.store.clock import db_now
from app.store.rows import CheckpointRow, EntryRow, JobRow, ModelRow

# Whoever takes back the jobs of lost workers looks every second.
LATE_S = 60.0
# Nothing puts a job off for as long.
FAR_S = 3600.0
# What a job makes for its model, if it succeeds.
MAKES_ENTRIES = ("extract", "encode")


def stuck(session: Session, queues: Sequence[str]) -> Iterator[str]:
    """Jobs that are neither at an end, nor under a lease, nor due now or soon in a known queue."""
    query = select(JobRow.id, JobRow.state, JobRow.queue, JobRow.lease_until, JobRow.due_at)
    rows = session.execute(query.where(_is_stuck(queues)).execution_options(yield_per=1000))
    for job_id, state, queue, lease_until, due_at in rows:
        if state == "running":
            yield f"{job_id}: it runs, and its lease ended at {lease_until}"
        elif queue not in queues:
            yield f"{job_id}: it waits in queue {queue!r}, which no worker serves"
        else:
            yield f"{job_id}: it waits, and is not due before {due_at}"


def mend_stuck(session: Session, queues: Sequence[str]) -> int:
    """Take back what lost workers hold; make what waits without reason due, in a known queue."""
    mended = jobs.reconcile(session)
    waits = (JobRow.state == "queued", _is_stuck(queues))
    for values in ({"queue": queues[0]}, {"due_at": db_now()}):
        applies = JobRow.queue.not_in(queues) if "queue" in values else JobRow.due_at > db_now()
        ids = update(JobRow).where(*waits, applies).values(**values).returning(JobRow.id)
        mended += len(session.scalars(ids).all())
    return mended


def _is_stuck(queues: Sequence[str]) -> ColumnElement[bool]:
    late = func.coalesce(JobRow.lease_until, 0.0) < db_now() - LATE_S
    lost = (JobRow.state == "running") & late
    far = (JobRow.due_at > db_now() + FAR_S) | JobRow.queue.not_in(queues)
    return or_(lost, (JobRow.state == "queued") & far)


def empty_handed(session: Session) -> Iterator[str]:
    """Jobs that succeeded although their model has no entry under any of their protocols."""
    asked = _protocols(session)
    has_entry = (
        select(EntryRow.id)
        .where(
            EntryRow.model_digest == ModelRow.digest,
            EntryRow.protocol_digest.in_(select(asked.c.value)),
        )
        .exists()
    )
    query = (
        select(JobRow.id)
        .join(ModelRow, ModelRow.id == JobRow.model_id)
        .where(JobRow.state == "succeeded", JobRow.kind.in_(MAKES_ENTRIES), ~has_entry)
    )
    for job_id in session.scalars(query.execution_options(yield_per=1000)):
        yield f"{job_id}: it succeeded, and its model has no entry"


def _protocols(session: Session) -> Any:
    """The protocols of a job as rows of one column, `value`."""
    if session.get_bind().dialect.name == "postgresql":
        return func.json_array_elements_text(JobRow.protocols).table_valued("value")
    return func.json_each(JobRow.protocols).table_valued("value")


def leftovers(session: Session) -> Iterator[str]:
    """Checkpoints of jobs that have ended: they only take room."""
    for job_id in session.scalars(_ended_with_checkpoints().execution_options(yield_per=1000)):
        yield f"{job_id}: it has ended, and its checkpoints are still there"


def mend_leftovers(session: Session) -> int:
    """Forget the checkpoints of ended jobs."""
    gone = delete(CheckpointRow).where(CheckpointRow.job_id.in_(_ended_with_checkpoints()))
    return len(set(session.scalars(gone.returning(CheckpointRow.job_id)).all()))


def _ended_with_checkpoints() -> Any:
    return (
        select(CheckpointRow.job_id)
        .join(JobRow, JobRow.id == CheckpointRow.job_id)
        .where(JobRow.state.in_(TERMINAL_STATES))
        .distinct()
    )
