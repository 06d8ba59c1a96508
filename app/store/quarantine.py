"""Lifting a quarantine: an operator has mended what broke a model's process three times."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.records import JobRecord
from app.store import jobs, models
from app.store.clock import db_now
from app.store.rows import JobRow


def lift(session: Session, job_id: str) -> JobRecord:
    """Queue a quarantined job as if no fault had happened, and return it.

    Raises NotFoundError `no_such_job`, `model_withdrawn`; ConflictError `not_quarantined`.
    """
    job = jobs.get(session, job_id, lock=True)
    if job.state != "quarantined":
        raise ConflictError(
            "not_quarantined", f"Job {job_id} is {job.state}: there is no quarantine to lift."
        )
    if job.model_id is not None:
        models.get(session, job.model_id, lock=True)
    session.execute(
        update(JobRow)
        .where(JobRow.id == job_id)
        .values(
            state="queued",
            stage="",
            model_faults=0,
            error_code=None,
            error_detail=None,
            due_at=db_now(),
            version=JobRow.version + 1,
            updated_at=db_now(),
        )
    )
    return jobs.get(session, job_id)
