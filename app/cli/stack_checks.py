"""What `genebank doctor` looks at beyond this machine: the database, the broker, the workers."""

import socket
import time
from collections.abc import Iterator

from app.broker.queues import QUEUES
from app.cli.check import Check
from app.cli.figures import duration
from app.errors import GenebankError
from app.queue import open_broker
from app.settings import Settings
from app.store import gauges, queues, schema, workers
from app.store.database import Database, Limits, Session

# Leases are on the database's clock; but dates of files and logs are on this machine's.
MOST_SKEW_S = 5.0
# PostgreSQL before this is no longer mended by its makers.
OLDEST_POSTGRESQL = 14


def database(settings: Settings, *, expect_worker: bool = False) -> Iterator[Check]:
    """The database: its version, its schema, its clock, and who works on its jobs."""
    if not settings.database_url and not (settings.data_dir / "genebank.db").exists():
        yield Check("database", "note", "There is none yet: the first use of Genebank makes it")
        return
    try:
        opened = Database(settings.resolved_database_url, Limits(1, 10.0, 10.0))
        try:
            yield from _opened(opened)
            if expect_worker:
                yield _worker_here(opened)
        finally:
            opened.close()
    except GenebankError as error:
        yield Check("database", "failed", error.detail)
    except Exception as error:  # noqa: BLE001  whatever ails it, the other checks go on
        yield Check("database", "failed", f"It cannot be read: {error}")


def _opened(opened: Database) -> Iterator[Check]:
    with opened.read() as session:
        version = gauges.server_version(session)
        yield _clock(session)
    revision = schema.check(opened)
    kind = "SQLite" if opened.is_sqlite else "PostgreSQL"
    detail = f"{kind} {version}, revision {revision}"
    if not opened.is_sqlite and int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
        yield Check("database", "warning", f"{detail}: no longer mended, upgrade it")
    else:
        yield Check("database", "ok", detail)
    with opened.read() as session:
        yield from _workers(session)


def _clock(session: Session) -> Check:
    began = time.time()
    theirs = gauges.clock(session)
    skew = theirs - (began + time.time()) / 2
    if abs(skew) <= MOST_SKEW_S:
        return Check("clock", "ok", f"The database's is {skew:+.1f} s from this machine's")
    return Check(
        "clock",
        "warning",
        f"The database's is {skew:+.0f} s from this machine's: set both by NTP. Jobs go by the "
        "database's alone; times in logs do not",
    )


def _workers(session: Session) -> Iterator[Check]:
    """Whether somebody serves each queue in which jobs wait."""
    there = workers.present(session)
    served = {queue for one in there if not one.is_draining for queue in one.queues}
    for one in queues.every(session):
        if one.queued and one.name not in served:
            yield Check(
                f"queue {one.name}",
                "warning",
                f"{one.queued} jobs wait, the oldest for {duration(one.due_s)}, and no worker "
                f"serves it: `genebank worker --queues {one.name}`, or `genebank serve`",
            )
    slots = sum(one.slots for one in there)
    yield Check("workers", "ok" if there else "note", f"{len(there)} with {slots} slots")


def _worker_here(opened: Database) -> Check:
    host = socket.gethostname()
    with opened.read() as session:
        if any(one.host == host for one in workers.present(session)):
            return Check("worker", "ok", f"One of {host} showed itself within seconds")
    return Check("worker", "failed", f"None of {host} shows itself: start it anew")


def broker(settings: Settings) -> Iterator[Check]:
    """Whether the broker answers, if there is one."""
    url = settings.broker_url.get_secret_value()
    if not url:
        yield Check("broker", "note", "There is none: workers look for jobs by themselves")
        return
    try:
        opened = open_broker(url)
        try:
            waiting = {name: opened.waiting(name) for name in QUEUES}
        finally:
            opened.close()
    except GenebankError as error:
        yield Check("broker", "failed", f"{error.detail} Jobs wait until it is back")
        return
    counts = ", ".join(f"{name} {count}" for name, count in waiting.items())
    yield Check("broker", "ok", f"It answers; messages that wait: {counts}")
