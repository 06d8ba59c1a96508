"""What a worker process holds while it works, and how it claims a job and comes to an end.

Who tells it to look, a thread of its own or a broker, is none of its business.
"""

import os
import secrets
import socket
import threading

from app import __version__
from app.queue import WorkerConfig
from app.records import HearsBy, JobRecord, WorkerRecord
from app.services.model_refs import open_hub
from app.store import jobs
from app.store.database import Database
from workers import trying
from workers.extraction import Tools
from workers.nest import Nest
from workers.presence import Presence


class Shift:
    """One worker at work; safe to use from many threads."""

    def __init__(self, database: Database, config: WorkerConfig, hears_by: HearsBy) -> None:
        """Show that a worker is there; torch is only started by the first job that needs it."""
        self._database = database
        self._config = config
        self._counting = threading.Lock()
        self._busy = 0
        self._idle = threading.Event()
        self._idle.set()
        self._winding_up = threading.Lock()
        self._draining = threading.Event()
        self._stopping = threading.Event()
        nest = Nest(config.threads or os.cpu_count() or 1, config.gpus)
        self._tools = Tools(database, config, nest, open_hub(config), self._stopping)
        host, pid = socket.gethostname(), os.getpid()
        self._worker = WorkerRecord(
            id=f"{host}:{pid}:{secrets.token_hex(4)}",
            host=host,
            pid=pid,
            version=__version__,
            hears_by=hears_by,
            queues=config.queues,
            slots=config.slots,
        )
        self._presence = Presence(database, self._worker, config.data_dir)

    def look_after(self) -> None:
        """Do what may be due since somebody imported models while no worker was there."""
        trying.look_after(self._tools)

    @property
    def is_over(self) -> bool:
        """Whether no more jobs are taken."""
        return self._draining.is_set()

    def claim(self, *queues: str) -> JobRecord | None:
        """Claim the job of these queues that has been due the longest, if one is."""
        with self._counting:
            if self.is_over:
                return None
            self._busy += 1
            self._idle.clear()
        job = None
        try:
            with self._database.write() as session:
                job = jobs.claim(session, self._worker.id, self._config.lease_s, queues)
        finally:
            if job is None:
                self._free()
        return job

    def see_through(self, job: JobRecord) -> None:
        """Do a job that was claimed here."""
        try:
            trying.see_through(self._tools, job)
        finally:
            self._free()

    def wind_up(self, grace_s: float) -> None:
        """Take no more jobs; those that run have some time to end, and are then given back.

        Returns when no job runs; no counter of any has moved. May be called twice, or at once.
        """
        with self._counting:
            self._draining.set()
        self._presence.drain()
        with self._winding_up:
            if not self._stopping.is_set():
                self._idle.wait(grace_s)
            self._stopping.set()
            self._idle.wait()

    def close(self) -> None:
        """Leave, after winding up."""
        self._tools.nest.close()
        self._presence.end()

    def _free(self) -> None:
        with self._counting:
            self._busy -= 1
            if not self._busy:
                self._idle.set()
