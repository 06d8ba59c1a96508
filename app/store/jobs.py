"""Jobs: the database is the truth. What a worker may write, it writes under lease and fence.

States: queued -> running -> succeeded | failed | cancelled | quarantined, and running -> queued
when a lease is lost, a worker shuts down, or the model's process broke and may be tried again.
Every change raises `version`, so that a watcher can wait for the next one.

`due_at` is a job's place in the queue: what has been due the longest is claimed first. A job that
is taken or given back keeps its place; one that is put off gets a later one.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.dna.canonical import Json, digest_json
from app.errors import ConflictError, NotFoundError
from app.records import JobKind, JobRecord, JobState
from app.store.clock import db_now
from app.store.ids import new_id
from app.store.rows import CheckpointRow, JobRow

MOST_LEASE_LOSSES = 20
MOST_MODEL_FAULTS = 3
FAULT_BACKOFF_S = 2.0
LOST_FOR_GOOD = {
    "error_code": "lease_losses",
    "error_detail": f"Its worker was lost {MOST_LEASE_LOSSES} times: submit it again.",
}


class FenceError(ConflictError):
    """The job is no longer this worker's: stop, write nothing more."""

    def __init__(self, job_id: str) -> None:
        super().__init__("lease_lost", f"Job {job_id} is no longer leased to this worker.")


def submit(
    session: Session,
    kind: JobKind,
    model_id: str | None,
    protocols: Sequence[str],
    options: Mapping[str, Json] = MappingProxyType({}),
    queue: str = "cpu",
) -> tuple[JobRecord, bool]:
    """Return the job of (kind, model, protocols, options) and whether it is new.

    Without a model it is about all that the protocols have entries of. Workers that serve
    `queue` do it.
    A failed or cancelled job does not stand in the way of a new one; any other is the answer.
    """
    asked: list[Json] = [*sorted(protocols), *([dict(options)] if options else [])]
    key = f"{kind}:{model_id or ''}:{digest_json(asked)}"
    found = _live(session, key)
    if found is not None:
        return found, False
    row = JobRow(
        id=new_id("job"),
        kind=kind,
        model_id=model_id,
        protocols=list(protocols),
        options=dict(options),
        dedupe_key=key,
        queue=queue,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another writer was first, between our look and our insert.
        found = _live(session, key)
        if found is None:
            raise
        return found, False
    return _record(row), True


def submit_answered(
    session: Session, kind: JobKind, model_id: str, protocol: str, body: bytes
) -> tuple[JobRecord, bool]:
    """Like `submit`, for a model whose responses are known: they are the job's checkpoint."""
    job, is_new = submit(session, kind, model_id, [protocol])
    if is_new:
        session.add(CheckpointRow(job_id=job.id, protocol_digest=protocol, batch=0, body=body))
        session.flush()
    return job, is_new


def get(session: Session, job_id: str, *, lock: bool = False) -> JobRecord:
    """Return a job, locked to the end of the transaction if asked; NotFoundError `no_such_job`."""
    row = session.get(JobRow, job_id, populate_existing=True, with_for_update=lock)
    if row is None:
        raise NotFoundError("no_such_job", f"No job has the id {job_id!r}.")
    return _record(row)


def of_model(session: Session, model_id: str, limit: int = 20) -> list[JobRecord]:
    """The model's jobs, newest first."""
    rows = session.scalars(
        select(JobRow).where(JobRow.model_id == model_id).order_by(JobRow.id.desc()).limit(limit)
    )
    return [_record(row) for row in rows]


def page(
    session: Session, state: JobState | None, after: str | None, limit: int
) -> list[JobRecord]:
    """Return up to `limit` jobs, newest first, those older than `after`."""
    query = select(JobRow).order_by(JobRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(JobRow.state == state)
    if after is not None:
        query = query.where(JobRow.id < after)
    return [_record(row) for row in session.scalars(query)]


def count_by_state(session: Session) -> dict[str, int]:
    """Number of jobs in each state that has any."""
    rows = session.execute(select(JobRow.state, func.count()).group_by(JobRow.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are not pairs for mypy


def claim(
    session: Session, owner: str, lease_s: float, queues: Sequence[str] | None = None
) -> JobRecord | None:
    """Lease the job of these queues (None: of all) that has been due the longest.

    Returns None when none is due.
    """
    oldest = (
        select(JobRow.id)
        .where(JobRow.state == "queued", JobRow.due_at <= db_now(), _served(queues))
        .order_by(JobRow.due_at, JobRow.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = session.scalar(
        update(JobRow)
        .where(JobRow.id == oldest, JobRow.state == "queued")
        .values(
            state="running",
            stage="starting",
            lease_owner=owner,
            lease_until=db_now() + lease_s,
            claimed_at=db_now(),
            fence=JobRow.fence + 1,
            **_touched(),
        )
        .returning(JobRow)
    )
    return None if row is None else _record(row)


def renew(session: Session, job: JobRecord, lease_s: float) -> bool:
    """Extend the lease; return whether somebody asked for the job to be cancelled.

    Raises FenceError when the lease is gone. Does not count as a change for watchers.
    """
    wanted = session.scalar(
        update(JobRow)
        .where(*_held(job))
        .values(lease_until=db_now() + lease_s)
        .returning(JobRow.cancel_requested)
    )
    if wanted is None:
        raise FenceError(job.id)
    return bool(wanted)


def progress(
    session: Session, job: JobRecord, *, stage: str, done: int | None, total: int | None
) -> None:
    """Show where the job is, None for "as it was"; FenceError when it is no longer ours."""
    counts = {"done": done, "total": total}
    known = {name: count for name, count in counts.items() if count is not None}
    _change(session, job, stage=stage, **known)


def checkpoint(
    session: Session,
    job: JobRecord,
    batch: tuple[str, int],
    body: bytes,
    usage: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Keep the responses of one batch, (protocol digest, number); FenceError when not ours.

    A batch that is kept twice counts as it was last: a machine with other memory, on which a
    lost job goes on, may cut its batches otherwise. `usage` is what the batch cost, by unit; it
    is added to what the job has used, and stays used when the job fails.
    """
    _change(session, job, done=JobRow.done + 1, **_used(session, job, usage))
    protocol_digest, number = batch
    session.merge(
        CheckpointRow(job_id=job.id, protocol_digest=protocol_digest, batch=number, body=body)
    )


def _used(session: Session, job: JobRecord, usage: Mapping[str, float]) -> dict[str, Any]:
    if not usage:
        return {}
    before = session.scalars(select(JobRow.usage).where(JobRow.id == job.id)).one()
    # Rounded, so that sums of prices read as prices.
    sums = {unit: round(before.get(unit, 0) + amount, 9) for unit, amount in usage.items()}
    return {"usage": before | sums}


def checkpoints(session: Session, job_id: str) -> dict[tuple[str, int], bytes]:
    """All kept batches of a job, by (protocol digest, number)."""
    rows = session.scalars(select(CheckpointRow).where(CheckpointRow.job_id == job_id))
    return {(row.protocol_digest, row.batch): row.body for row in rows}


def succeed(session: Session, job: JobRecord) -> None:
    """End the job well, in the transaction that stores what it made; earlier faults are past."""
    _end(session, job, state="succeeded", stage="done", error_code=None, error_detail=None)


def fail(session: Session, job: JobRecord, code: str, detail: str) -> None:
    """End the job: trying again would give the same."""
    _end(session, job, state="failed", error_code=code, error_detail=detail)


def fault(session: Session, job: JobRecord, code: str, detail: str) -> None:
    """The model's process broke: try again later, or quarantine it at the third time."""
    faults = job.model_faults + 1
    error: dict[str, Any] = {"error_code": code, "error_detail": detail, "model_faults": faults}
    if faults >= MOST_MODEL_FAULTS:
        _end(session, job, state="quarantined", **error)
    else:
        due = db_now() + FAULT_BACKOFF_S * 2**faults
        _give_back(session, job, due_at=due, **error)


def release(session: Session, job: JobRecord) -> None:
    """Give an unfinished job back, at a shutdown: nobody's fault, no counter moves."""
    _give_back(session, job)


def lose(session: Session, job: JobRecord) -> None:
    """Give an unfinished job back whose process was lost as if its whole worker had been."""
    losses = job.lease_losses + 1
    if losses >= MOST_LEASE_LOSSES:
        _end(session, job, state="failed", lease_losses=losses, **LOST_FOR_GOOD)
    else:
        _give_back(session, job, lease_losses=losses)


def delay(session: Session, job: JobRecord, code: str, detail: str, seconds: float) -> None:
    """Give a job back for later, and say why: the installation is at fault, not the model."""
    due = db_now() + seconds
    _give_back(session, job, due_at=due, error_code=code, error_detail=detail)


def _give_back(session: Session, job: JobRecord, **values: Any) -> None:
    _change(session, job, state="queued", stage="", lease_until=None, **values)


def cancelled(session: Session, job: JobRecord) -> None:
    """End a running job that somebody asked to cancel."""
    _end(session, job, state="cancelled")


def cancel(session: Session, job_id: str) -> JobRecord:
    """Ask for a job to be cancelled: at once when it waits, soon when it runs.

    Raises ConflictError `job_ended` when there is nothing left to cancel.
    """
    # Locked: a worker that gives the job back meanwhile must not slip between look and write.
    job = get(session, job_id, lock=True)
    if job.is_terminal:
        raise ConflictError("job_ended", f"Job {job_id} has already ended: {job.state}.")
    waits: dict[str, Any] = {"state": "cancelled", "stage": ""}
    values = waits if job.state == "queued" else {"cancel_requested": True}
    session.execute(update(JobRow).where(JobRow.id == job_id).values(**values, **_touched()))
    if job.state == "queued":
        _forget_checkpoints(session, job_id)
    return get(session, job_id)


def reconcile(session: Session) -> int:
    """Take back jobs whose lease ran out; return how many. Safe to run anywhere, any time.

    A job that was given back after somebody asked to cancel it is cancelled. A job that somebody
    writes at this moment is left for the next time: a worker that stands still in the middle of a
    write must not keep the others' jobs waiting.
    """
    lost = _free(JobRow.state == "running", JobRow.lease_until < db_now())
    losses = JobRow.lease_losses + 1
    changes: list[tuple[Any, dict[str, Any]]] = [
        (JobRow.cancel_requested.is_(True), {"state": "cancelled"}),
        (losses >= MOST_LEASE_LOSSES, {"state": "failed", **LOST_FOR_GOOD}),
        (JobRow.id.is_not(None), {"state": "queued", "stage": ""}),
    ]
    moved = 0
    for condition, values in changes:
        ids = session.scalars(
            update(JobRow)
            .where(lost, condition)
            .values(lease_until=None, lease_losses=losses, **values, **_touched())
            .returning(JobRow.id)
        ).all()
        moved += len(ids)
        if values["state"] != "queued":
            for job_id in ids:
                _forget_checkpoints(session, job_id)
    for job_id in session.scalars(
        update(JobRow)
        .where(_free(JobRow.state == "queued", JobRow.cancel_requested.is_(True)))
        .values(state="cancelled", stage="", **_touched())
        .returning(JobRow.id)
    ).all():
        _forget_checkpoints(session, job_id)
    return moved


def next_due_in(session: Session, queues: Sequence[str] | None = None) -> float | None:
    """Seconds until a queued job of these queues (None: of all) is due; 0 when one is.

    Returns None when none waits.
    """
    waits = (JobRow.state == "queued", _served(queues))
    due = session.scalar(select(func.min(JobRow.due_at) - db_now()).where(*waits))
    return None if due is None else max(0.0, due)


def _live(session: Session, key: str) -> JobRecord | None:
    row = session.scalar(
        select(JobRow).where(JobRow.dedupe_key == key, JobRow.state.not_in(("failed", "cancelled")))
    )
    return None if row is None else _record(row)


def _served(queues: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if queues is None else JobRow.queue.in_(queues)


def _free(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """True of the jobs that fulfil the conditions and that nobody is writing."""
    found = select(JobRow.id).where(*conditions).with_for_update(skip_locked=True)
    return JobRow.id.in_(found)


def _touched() -> dict[str, Any]:
    return {"version": JobRow.version + 1, "updated_at": db_now()}


def _held(job: JobRecord) -> tuple[Any, ...]:
    """The fence: true only while this claim of the job stands."""
    return (
        JobRow.id == job.id,
        JobRow.fence == job.fence,
        JobRow.state == "running",
        JobRow.lease_until > db_now(),
    )


def _change(session: Session, job: JobRecord, **values: Any) -> None:
    changed = session.scalar(
        update(JobRow).where(*_held(job)).values(**values, **_touched()).returning(JobRow.id)
    )
    if changed is None:
        raise FenceError(job.id)


def _end(session: Session, job: JobRecord, **values: Any) -> None:
    _change(session, job, lease_until=None, **values)
    _forget_checkpoints(session, job.id)


def _forget_checkpoints(session: Session, job_id: str) -> None:
    session.execute(delete(CheckpointRow).where(CheckpointRow.job_id == job_id))


def _record(row: JobRow) -> JobRecord:
    return JobRecord(
        id=row.id,
        kind=cast("JobKind", row.kind),
        queue=row.queue,
        model_id=row.model_id,
        protocols=tuple(row.protocols),
        state=cast("JobState", row.state),
        stage=row.stage,
        done=row.done,
        total=row.total,
        version=row.version,
        fence=row.fence,
        lease_losses=row.lease_losses,
        model_faults=row.model_faults,
        cancel_requested=row.cancel_requested,
        options=row.options,
        usage=row.usage,
        error_code=row.error_code,
        error_detail=row.error_detail,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
