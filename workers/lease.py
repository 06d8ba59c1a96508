"""A worker's hold on one job: the lease is renewed, and what is asked of the job is learned."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.records import JobRecord
from app.store import jobs
from app.store.database import Database


class CancelledError(Exception):
    """Somebody asked for the job to be cancelled."""


class StoppingError(Exception):
    """The worker is being shut down."""


class Lease:
    """The lease that a job was claimed with."""

    def __init__(
        self, database: Database, job: JobRecord, lease_s: float, stopping: threading.Event
    ) -> None:
        self._database = database
        self._job = job
        self._lease_s = lease_s
        self._stopping = stopping
        self._every_s = min(1.0, lease_s / 3)
        self._next_beat = 0.0

    def beat(self) -> None:
        """Keep the lease, when it is time, and learn whether to go on.

        Raises CancelledError, StoppingError or FenceError when not.
        """
        if self._stopping.is_set():
            raise StoppingError
        if time.monotonic() < self._next_beat:
            return
        self._next_beat = time.monotonic() + self._every_s
        with self._database.write() as session:
            if jobs.renew(session, self._job, self._lease_s):
                raise CancelledError

    def show(self, stage: str, done: int | None = None, total: int | None = None) -> None:
        """Say where the job is; FenceError when it is no longer ours."""
        with self._database.write() as session:
            jobs.progress(session, self._job, stage=stage, done=done, total=total)

    @contextmanager
    def kept(self) -> Iterator[Callable[[], None]]:
        """Keep the lease by a thread while the block computes; yields a check to call in between.

        What a beat raised is raised again there: a computation stops between two of its steps.
        """
        done = threading.Event()
        raised: list[Exception] = []

        def keep() -> None:
            while not raised and not done.wait(self._every_s):
                try:
                    self.beat()
                except Exception as error:  # noqa: BLE001  whatever it is, the work must hear of it
                    raised.append(error)

        def check() -> None:
            if raised:
                raise raised[0]

        thread = threading.Thread(target=keep, name="lease", daemon=True)
        thread.start()
        try:
            yield check
        finally:
            done.set()
            thread.join()
