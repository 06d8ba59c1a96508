"""Rings: there are at least as many messages in a queue as it has due jobs, up to a bound.

That is all that has to hold. A message makes a worker claim the job of that queue that has been due
the longest, so one too few delays a job until the next look, and one too many does nothing.
Whatever a broker loses, repeats or forgets is mended by looking again, from any process, at any
time. Since jobs are read from the database, no message leaves before its job is committed.
"""

import threading

import structlog

from app import measures
from app.broker.connection import Broker
from app.broker.queues import QUEUES
from app.errors import GenebankError
from app.store import queues
from app.store.database import Database

log = structlog.get_logger(__name__)

# More messages than that only take the broker's memory: they are added as others are taken.
MOST_WAITING = 500


def ring_due(database: Database, broker: Broker) -> int:
    """Send the messages that are missing; return how many. SetupError `broker_unavailable`."""
    rung = 0
    for queue in QUEUES:
        with database.read() as session:
            due = queues.due(session, queue, MOST_WAITING)
        missing = len(due) - broker.waiting(queue) if due else 0
        if missing > 0:
            broker.ring(queue, due[-missing:])
            rung += missing
    measures.rung(rung)
    return rung


class Bell:
    """Rings from a thread, so that no request waits for the broker; many rings may become one."""

    def __init__(self, database: Database, broker_url: str) -> None:
        """Start nothing yet; SetupError `bad_broker_url` or `open_redis`."""
        self._database = database
        self._broker = Broker(broker_url)
        self._rung = threading.Event()
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        """Ring for all jobs that are due, soon."""
        self._rung.set()
        with self._starting:
            if self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._listen, name="bell", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Ring once more if somebody asked for it, and end."""
        with self._starting:
            self._stopping.set()
        self._rung.set()
        if self._thread is not None:
            self._thread.join()
        self._broker.close()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            self._rung.wait()
            self._rung.clear()
            try:
                ring_due(self._database, self._broker)
            except GenebankError as error:
                # The reconciler rings when it can.
                log.warning("nobody was rung", code=error.code, detail=error.detail)
            except Exception:
                log.exception("nobody was rung")
