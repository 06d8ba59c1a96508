"""One try of a claimed job, from what kind it is to how it ended: the same however it was heard of.

Afterwards comes what depends on how many entries there are, which may be due after any job.
"""

import structlog

from app import measures
from app.errors import GenebankError, InputError, ModelError, NotFoundError, SetupError
from app.records import JobRecord
from app.services.freezing import refresh_references
from app.services.trees.growing_standing import submit_due
from app.store import jobs
from app.store.database import Session
from workers.extraction import Extraction, Tools
from workers.lease import CancelledError, Lease, StoppingError
from workers.nest import NestLostError
from workers.supervision import ChildFaultError
from workers.tree_growing import TreeGrowing

log = structlog.get_logger(__name__)

# What an operator must mend takes a while. But whoever can write down that the database was away
# has it back.
PAUSE_S = 30.0
PAUSE_OF_DATABASE_S = 2.0
OF_DATABASE = frozenset({"database_unavailable", "database_busy"})


def see_through(tools: Tools, job: JobRecord) -> None:
    """Do a job under the lease that it was claimed with, and write down how the try ended."""
    with structlog.contextvars.bound_contextvars(job=job.id, model=job.model_id):
        try:
            attempt = _attempt(tools, job)
            attempt.run()
        except Exception as error:  # noqa: BLE001 - whatever it was, the job must end
            measures.try_ended(job.kind, _end(tools, job, error))
        else:
            seconds = {name: round(value, 3) for name, value in attempt.seconds.items()}
            log.info("job succeeded", seconds=seconds)
            measures.try_ended(job.kind, "succeeded")
            measures.job_succeeded(job.kind, attempt.seconds)
            look_after(tools)


def _attempt(tools: Tools, job: JobRecord) -> Extraction | TreeGrowing:
    if job.kind == "tree":
        lease = Lease(tools.database, job, tools.config.lease_s, tools.stopping)
        return TreeGrowing(tools.database, job, lease)
    return Extraction(tools, job)


def look_after(tools: Tools) -> None:
    """Freeze references and ask for trees that are due: what an import left, and what a job did."""
    try:
        for name, version in refresh_references(tools.database):
            log.info("reference frozen", protocol=name, version=version)
        for due in submit_due(tools.database, tools.config.tree_at_once):
            log.info("tree is due", tree_job=due.id)
    # Nothing is lost: it is due again after the next job.
    except GenebankError as error:
        log.warning("references and trees were not looked after", code=error.code)
    except Exception:
        log.exception("references and trees were not looked after")


def _end(tools: Tools, job: JobRecord, error: Exception) -> measures.End:
    """Write down how a try ended, as long as the job is still ours; return it."""
    try:
        with tools.database.write() as session:
            return _write_down(session, job, error)
    except GenebankError as lost:
        # The lease runs out by itself, and the job is taken up again.
        log.warning("end of the try was not written", reason=str(lost))
        return "unwritten"


def _write_down(session: Session, job: JobRecord, error: Exception) -> measures.End:
    match error:
        case jobs.FenceError():
            log.warning("lease lost")
            return "left"
        case CancelledError():
            jobs.cancelled(session, job)
            return "cancelled"
        case StoppingError():
            jobs.release(session, job)
            return "given_back"
        case NestLostError():
            log.warning("job process lost with the worker's own")
            jobs.lose(session, job)
            return "lost"
        case ModelError() | InputError() | NotFoundError():
            log.warning("job failed", code=error.code, detail=error.detail)
            jobs.fail(session, job, error.code, error.detail)
            return "failed"
        case ChildFaultError():
            log.warning("job process broke", code=error.code, detail=error.detail)
            jobs.fault(session, job, error.code, error.detail)
            return "fault"
        case SetupError():
            log.error("job given back", code=error.code, detail=error.detail)
            jobs.delay(session, job, error.code, error.detail, _pause_s(error))
            return "put_off"
    log.error("job broke", exc_info=error)
    jobs.fault(session, job, "internal_error", type(error).__name__)
    return "fault"


def _pause_s(error: SetupError) -> float:
    return PAUSE_OF_DATABASE_S if error.code in OF_DATABASE else PAUSE_S
