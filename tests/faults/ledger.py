"""What the database says of a load's jobs, whatever anybody was told."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.records import TERMINAL_STATES
from app.store.database import Database
from app.store.rows import EntryRow, JobRow, ModelRow


@dataclass(frozen=True)
class Written:
    """A job of one model, and how many entries the model has."""

    job_id: str
    ref: str
    state: str
    lease_losses: int
    model_faults: int
    waited_s: float
    done: int
    owner_pid: int
    entries: int

    @property
    def is_over(self) -> bool:
        """Whether it has come to an end."""
        return self.state in TERMINAL_STATES


def written(database: Database, names: str) -> list[Written]:
    """The jobs of all models whose ref holds `names`."""
    entries = select(func.count()).where(EntryRow.model_id == ModelRow.id).scalar_subquery()
    query = (
        select(JobRow, ModelRow, entries)
        .join(ModelRow, ModelRow.id == JobRow.model_id)
        .where(ModelRow.name.contains(names, autoescape=True))
    )
    with database.read() as session:
        return [_written(job, model, count) for job, model, count in session.execute(query)]


def _written(job: JobRow, model: ModelRow, entries: int) -> Written:
    return Written(
        job_id=job.id,
        ref=f"{model.source}:{model.name}",
        state=job.state,
        lease_losses=job.lease_losses,
        model_faults=job.model_faults,
        waited_s=(job.claimed_at or job.created_at) - job.created_at,
        done=job.done,
        owner_pid=int((job.lease_owner or ":0:").split(":")[-2]),
        entries=entries,
    )
