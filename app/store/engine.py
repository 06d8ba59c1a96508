"""How a connection is made: SQLite in one file for one machine, PostgreSQL through a pool."""

import select
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, InvalidatePoolError

from app.errors import SetupError

BUSY_TIMEOUT_MS = 30_000
WRITES = "genebank_writes"
# A connection that was used so lately is taken to live still.
RESTED_S = 1.0
LAST_USED = "genebank_last_used"
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
            connect_args=KEEPALIVE,
            # Whatever the server's default: after waiting for a lock, entries.add must see what
            # the one before committed.
            isolation_level="READ COMMITTED",
            json_deserializer=orjson.loads,
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
    _ask_the_rested(engine)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Find connections that died while nobody used them, as of a server that was restarted.

    SQLAlchemy's own `pool_pre_ping` asks every time, which is one more statement a request. One
    that was used a moment ago is asked where its server has said something, such as goodbye.
    """
    errors: Any = engine.dialect.loaded_dbapi.Error

    def put_back(_connection: object, record: Any) -> None:
        record.info[LAST_USED] = time.monotonic()

    def taken_out(connection: Any, record: Any, _proxy: object) -> None:
        rested_s = time.monotonic() - record.info.get(LAST_USED, 0.0)
        if rested_s < RESTED_S and not _has_heard(connection):
            return
        try:
            engine.dialect.do_ping(connection)
        except errors as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", taken_out)


def _has_heard(connection: Any) -> bool:
    """Whether there is something to be read from a connection that waits for no answer."""
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


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
