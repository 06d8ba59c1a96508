"""A job that grows the standing tree of a protocol, in the worker's own process.

It computes with nobody's files, so it needs no process of its own; the lease is kept by a thread,
since joining takes many seconds without a pause.
"""

import time

from app.records import JobRecord
from app.services.trees.growing_standing import grow_standing
from app.store import jobs, trees
from app.store.database import Database
from workers.lease import Lease


class TreeGrowing:
    """One try of one job under the lease that it was claimed with."""

    def __init__(self, database: Database, job: JobRecord, lease: Lease) -> None:
        self._database = database
        self._job = job
        self._lease = lease
        self.seconds: dict[str, float] = {}

    def run(self) -> None:
        """Grow the tree and store it with the end of the job, or raise what stopped it."""
        began, stage = time.monotonic(), "read"
        with self._lease.kept() as check:

            def progress(now: str, done: int, total: int) -> None:
                nonlocal began, stage
                check()
                if now != stage:
                    self.seconds[stage] = time.monotonic() - began
                    began, stage = time.monotonic(), now
                self._lease.show(now, done, total)

            grown = grow_standing(self._database, self._job, progress)
            progress("store", 0, 1)
            body = trees.packed(grown)
            check()
        with self._database.write() as session:
            jobs.succeed(session, self._job)
            trees.add(session, grown, body)
