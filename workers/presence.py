"""A worker shows every few seconds that it is there, and clears away what ended jobs left behind.

What it works on is not written twice: jobs say whose they are.
"""

import threading
from dataclasses import replace
from pathlib import Path

import structlog

from app.errors import GenebankError
from app.records import WorkerRecord
from app.store import workers
from app.store.database import Database
from workers import folders

log = structlog.get_logger(__name__)

BEAT_S = 5.0
# A worker that missed three beats is not there.
EXPIRES_S = 20.0


class Presence:
    """The thread that shows one worker, from the start to `end`."""

    def __init__(self, database: Database, worker: WorkerRecord, data_dir: Path) -> None:
        """Begin at once."""
        self._database = database
        self._worker = worker
        self._data_dir = data_dir
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._show, name="presence", daemon=True)
        self._thread.start()

    def drain(self) -> None:
        """Show from now on that no more jobs are taken."""
        self._worker = replace(self._worker, is_draining=True)
        self._wake.set()

    def end(self) -> None:
        """The worker is there no more."""
        self._ending = True
        self._wake.set()
        self._thread.join()
        try:
            with self._database.write() as session:
                workers.leave(session, self._worker.id)
        except GenebankError as error:
            # It expires by itself.
            log.warning("worker could not take its leave", reason=str(error))

    def _show(self) -> None:
        while not self._ending:
            self._wake.clear()
            try:
                with self._database.write() as session:
                    workers.show(session, self._worker, EXPIRES_S)
                folders.sweep(self._database, self._data_dir)
            except GenebankError as error:
                log.warning("worker could not show itself", code=error.code, detail=error.detail)
            except Exception:
                log.exception("worker could not show itself")
            self._wake.wait(BEAT_S)
