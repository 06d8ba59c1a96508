"""A worker without a broker: one thread looks for due jobs, others see one job through each."""

import os
import secrets
import socket
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from app.errors import GenebankError, InputError, ModelError, NotFoundError, SetupError
from app.queue import WorkerConfig
from app.records import JobRecord
from app.services.freezing import refresh_references
from app.services.model_refs import open_hub
from app.services.trees.growing_standing import submit_due
from app.store import jobs
from app.store.database import Database
from workers import folders
from workers.extraction import Extraction, Tools
from workers.lease import CancelledError, Lease, StoppingError
from workers.nest import Nest
from workers.supervision import ChildFaultError
from workers.tree_growing import TreeGrowing

log = structlog.get_logger(__name__)

# A ring can be missed, or come from another process: look out by ourselves this often.
LOOK_OUT_S = 1.0


def start(database: Database, config: WorkerConfig) -> "Dispatcher":
    """Start a worker in this process."""
    return Dispatcher(database, config)


class Dispatcher:
    """Claims jobs while there are free slots, and takes back those of lost workers."""

    def __init__(self, database: Database, config: WorkerConfig) -> None:
        """Start the thread that looks out."""
        self._database = database
        self._config = config
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._bell = threading.Event()
        self._stopping = threading.Event()
        nest = Nest(config.threads or os.cpu_count() or 1)
        self._tools = Tools(database, config, nest, open_hub(config), self._stopping)
        self._slots = ThreadPoolExecutor(config.slots, thread_name_prefix="job")
        self._running: set[Future[None]] = set()
        self._thread = threading.Thread(target=self._look_out, name="dispatcher", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Look for due jobs now."""
        self._bell.set()

    def stop(self) -> None:
        """Give running jobs back and end."""
        self._stopping.set()
        self._bell.set()
        self._thread.join()
        self._tools.nest.close()
        self._slots.shutdown()

    def _look_out(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            wait = LOOK_OUT_S
            try:
                wait = self._claim_due()
            except Exception:
                # Whatever it is, the next look may find it mended; a dead thread never would.
                log.exception("look-out failed")
            self._bell.wait(wait)

    def _claim_due(self) -> float:
        """Fill the free slots; return the seconds until the next look."""
        with self._database.write() as session:
            lost = jobs.reconcile(session)
        if lost:
            log.warning("jobs of lost workers were taken back", jobs=lost)
        folders.sweep(self._database, self._config.data_dir)
        self._running = {future for future in self._running if not future.done()}
        while len(self._running) < self._config.slots:
            with self._database.write() as session:
                job = jobs.claim(session, self._owner, self._config.lease_s)
            if job is None:
                break
            future = self._slots.submit(self._see_through, job)
            future.add_done_callback(lambda _: self._bell.set())
            self._running.add(future)
        with self._database.read() as session:
            due = jobs.next_due_in(session)
        return LOOK_OUT_S if due is None else min(LOOK_OUT_S, max(due, 0.05))

    def _see_through(self, job: JobRecord) -> None:
        with structlog.contextvars.bound_contextvars(job=job.id, model=job.model_id):
            try:
                attempt = self._attempt(job)
                attempt.run()
            except Exception as error:  # noqa: BLE001 - whatever it was, the job must end
                self._end(job, error)
            else:
                seconds = {name: round(value, 3) for name, value in attempt.seconds.items()}
                log.info("job succeeded", seconds=seconds)
                self._refresh()

    def _attempt(self, job: JobRecord) -> Extraction | TreeGrowing:
        if job.kind == "tree":
            lease = Lease(self._database, job, self._config.lease_s, self._stopping)
            return TreeGrowing(self._database, job, lease)
        return Extraction(self._tools, job)

    def _refresh(self) -> None:
        """What depends on how many entries there are may be due after any job."""
        try:
            for name, version in refresh_references(self._database):
                log.info("reference frozen", protocol=name, version=version)
            for due in submit_due(self._database, self._config.tree_at_once):
                log.info("tree is due", tree_job=due.id)
        except Exception:
            # Nothing is lost: it is due again after the next job.
            log.exception("references and trees were not looked after")

    def _end(self, job: JobRecord, error: Exception) -> None:
        """Write down how a try ended, as long as the job is still ours."""
        try:
            with self._database.write() as session:
                match error:
                    case jobs.FenceError():
                        log.warning("lease lost")
                    case CancelledError():
                        jobs.cancelled(session, job)
                    case StoppingError():
                        jobs.release(session, job)
                    case ModelError() | InputError() | NotFoundError():
                        log.warning("job failed", code=error.code, detail=error.detail)
                        jobs.fail(session, job, error.code, error.detail)
                    case ChildFaultError():
                        log.warning("job process broke", code=error.code, detail=error.detail)
                        jobs.fault(session, job, error.code, error.detail)
                    case SetupError():
                        log.error("job given back", code=error.code, detail=error.detail)
                        jobs.delay(session, job, error.code, error.detail)
                    case _:
                        log.error("job broke", exc_info=error)
                        jobs.fault(session, job, "internal_error", type(error).__name__)
        except GenebankError as lost:
            # The lease runs out by itself, and the job is taken up again.
            log.warning("end of the try was not written", reason=str(lost))
