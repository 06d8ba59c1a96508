"""How a connection is made: SQLite in one file for one machine, PostgreSQL through a pool."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from app.errors import SetupError

BUSY_TIMEOUT_MS = 30_000
WRITES = "genebank_writes"
# A server whose machine is gone sends nothing: give it up after half a minute.
KEEPALIVE = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True)
class Limits:
    """What a process may ask of PostgreSQL.

    It keeps `pool` connections open, and in a rush opens as many more. No statement takes longer
    than `statement_timeout_s` seconds or waits longer than `lock_timeout_s` for a lock; 0 is no
    bound. SQLite needs none of it.

    A writer that stands still between two statements for `idle_writer_s` (its machine sleeps, its
    process is stopped) is ended: it holds locks that all others wait for. Ours go on within
    milliseconds. Shorter than a lease: a stopped worker's job waits for nothing else, and no
    request gives up before.
    """

    pool: int = 8
    statement_timeout_s: float = 0
    lock_timeout_s: float = 0
    idle_writer_s: float = 10


def parse(url: str) -> URL:
    """A URL of either database; SetupError `bad_database_url`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number
        raise SetupError("bad_database_url", "GENEBANK_DATABASE_URL is no database URL.") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise SetupError(
            "bad_database_url", "GENEBANK_DATABASE_URL must begin with sqlite: or postgresql:."
        )
    return parsed


def make_engine(url: URL, limits: Limits) -> Engine:
    """An engine that connects when it is first used; SetupError `driver_missing`, `bad_data_dir`.

    Transactions with the execution option WRITES are those of writers.
    """
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, limits)
    _make_folder(url)
    engine = create_engine(url.set(drivername="sqlite"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL, limits: Limits) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=limits.pool,
            max_overflow=limits.pool,
            # After a restart of the server the first request finds the old connections dead.
            pool_pre_ping=True,
            connect_args=KEEPALIVE,
            # Whatever the server's default: after waiting for a lock, entries.add must see what
            # the one before committed.
            isolation_level="READ COMMITTED",
            json_deserializer=_decoded,
        )
    except ImportError as error:
        raise SetupError(
            "driver_missing", "PostgreSQL needs its driver: pip install 'genebank[postgres]'."
        ) from error

    def prepare(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for name, seconds in (
                ("statement_timeout", limits.statement_timeout_s),
                ("lock_timeout", limits.lock_timeout_s),
            ):
                cursor.execute("SELECT set_config(%s, %s, false)", (name, f"{seconds * 1000:.0f}"))
        connection.commit()

    # SET takes no parameters.
    bound = f"SET LOCAL idle_in_transaction_session_timeout = {limits.idle_writer_s * 1000:.0f}"

    def begin(connection: Connection) -> None:
        if _writes(connection):
            connection.exec_driver_sql(bound)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _decoded(value: str | bytes) -> Any:
    """JSON of a column. PostgreSQL sends bytes, of which Python would guess the encoding."""
    return json.loads(value if isinstance(value, str) else str(value, "utf-8"))


def _make_folder(url: URL) -> None:
    """The registry's folder, for its owner alone."""
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            "bad_data_dir",
            f"The data folder {folder} cannot be made ({error.strerror}): "
            "set GENEBANK_DATA_DIR to one that can.",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transaction control would begin too late: `_begin_sqlite` does it.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader can find its snapshot stale and fail: take the lock first.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _writes(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(WRITES, True))
