"""Workers: who works, on what, since when; and what waits in each queue."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.dependencies import Reading
from app.api.schemas import ModelName, Moment, rfc3339
from app.api.views import model_name
from app.broker.queues import QUEUES
from app.records import HearsBy, Held, JobKind, ModelRecord, QueueRecord, WorkerRecord
from app.store import models, queues, workers

router = APIRouter(tags=["workers"])


class Work(BaseModel):
    """A job that a worker holds, since when."""

    job: str = Field(description="Its id.")
    kind: JobKind
    model: ModelName | None = Field(description="Null where it is about all models of a protocol.")
    stage: str
    since: Moment


class Worker(BaseModel):
    """A worker that showed itself lately; one that does not is gone from here within seconds."""

    id: str
    host: str
    pid: int
    version: str
    hears_by: HearsBy = Field(
        description="How it learns of jobs: a broker rings, or it looks into the database."
    )
    queues: list[str]
    slots: int = Field(description="Jobs that it does at once.")
    draining: bool = Field(description="It was asked to end, and takes no more jobs.")
    started_at: Moment
    seen_at: Moment
    jobs: list[Work]


class Queue(BaseModel):
    """The jobs of a queue, and how many workers serve it."""

    name: str
    queued: int
    running: int
    oldest_due_s: float = Field(description="Seconds that a job has been due; 0 when none is.")
    workers: int


class Workers(BaseModel):
    """All workers, and all queues."""

    data: list[Worker]
    queues: list[Queue]


@router.get("/v1/workers")
def list_workers(session: Reading) -> Workers:
    """List the workers that are there with what they do, and the queues with what waits."""
    present = workers.present(session)
    held = workers.held(session, [worker.id for worker in present])
    found = models.by_ids(session, [one.model_id for one in held if one.model_id])
    return Workers(
        data=[_worker(one, [h for h in held if h.worker_id == one.id], found) for one in present],
        queues=_queues(queues.every(session), present),
    )


def _worker(record: WorkerRecord, held: Sequence[Held], found: dict[str, ModelRecord]) -> Worker:
    return Worker(
        id=record.id,
        host=record.host,
        pid=record.pid,
        version=record.version,
        hears_by=record.hears_by,
        queues=list(record.queues),
        slots=record.slots,
        draining=record.is_draining,
        started_at=rfc3339(record.started_at),
        seen_at=rfc3339(record.seen_at),
        jobs=[
            Work(
                job=one.job_id,
                kind=one.kind,
                model=None if model is None else model_name(model),
                stage=one.stage,
                since=rfc3339(one.since),
            )
            for one in held
            for model in [found.get(one.model_id or "")]
        ],
    )


def _queues(records: Sequence[QueueRecord], present: Sequence[WorkerRecord]) -> list[Queue]:
    """Those that there always are first, idle or not."""
    idle = {name: QueueRecord(name, 0, 0, 0.0) for name in QUEUES}
    known = idle | {record.name: record for record in records}
    return [
        Queue(
            name=record.name,
            queued=record.queued,
            running=record.running,
            oldest_due_s=round(record.due_s, 1),
            workers=sum(record.name in worker.queues for worker in present),
        )
        for record in known.values()
    ]
