"""A worker without a broker: one thread looks for due jobs, others see one job through each."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import structlog

from app.broker.queues import QUEUES
from app.queue import WorkerConfig
from app.services.reconciling import take_back
from app.store import jobs
from app.store.database import Database
from workers.shift import Shift

log = structlog.get_logger(__name__)

# A ring can be missed, or come from another process: look out by ourselves this often.
LOOK_OUT_S = 1.0


def start(database: Database, config: WorkerConfig) -> "Dispatcher":
    """Start a worker in this process, for all queues."""
    return Dispatcher(database, replace(config, queues=QUEUES))


class Dispatcher:
    """Claims jobs while there are free slots, and takes back those of lost workers."""

    def __init__(self, database: Database, config: WorkerConfig) -> None:
        """Start the thread that looks out."""
        self._database = database
        self._config = config
        self._shift = Shift(database, config, "looking")
        self._bell = threading.Event()
        self._slots = ThreadPoolExecutor(config.slots, thread_name_prefix="job")
        self._running: set[Future[None]] = set()
        self._thread = threading.Thread(target=self._look_out, name="dispatcher", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Look for due jobs now."""
        self._bell.set()

    def stop(self, grace_s: float = 0.0) -> None:
        """Take no more jobs, give back those that do not end within `grace_s` seconds, and end."""
        self._shift.wind_up(grace_s)
        self._bell.set()
        self._thread.join()
        self._slots.shutdown()
        self._shift.close()

    def _look_out(self) -> None:
        self._shift.look_after()
        while not self._shift.is_over:
            self._bell.clear()
            pause = LOOK_OUT_S
            try:
                pause = self._claim_due()
            except Exception:
                # Whatever it is, the next look may find it mended; a dead thread never would.
                log.exception("look-out failed")
            self._bell.wait(pause)

    def _claim_due(self) -> float:
        """Fill the free slots; return the seconds until the next look."""
        take_back(self._database)
        self._running = {future for future in self._running if not future.done()}
        while len(self._running) < self._config.slots:
            job = self._shift.claim(*self._config.queues)
            if job is None:
                break
            future = self._slots.submit(self._shift.see_through, job)
            future.add_done_callback(lambda _: self._bell.set())
            self._running.add(future)
        with self._database.read() as session:
            due = jobs.next_due_in(session, self._config.queues)
        return LOOK_OUT_S if due is None else min(LOOK_OUT_S, max(due, 0.05))
