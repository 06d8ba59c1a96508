"""The engine and its transactions: SQLite embedded, PostgreSQL in production."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from app.errors import SetupError

# Session: so that callers can name what they are handed without importing SQLAlchemy.
__all__ = ["Database", "Session"]

BUSY_TIMEOUT_MS = 30_000
WRITES = "genebank_writes"
# Two writers that meet on a unique key need one more try; more meet only under attack.
TRIES = 5

T = TypeVar("T")


class Database:
    """Opens one transaction at a time: `read()` never waits for writers, `write()` commits."""

    def __init__(self, url: str) -> None:
        """Make an engine for `sqlite:///path` or `postgresql://...`; SetupError when unusable."""
        self.url = _parse(url)
        self.engine = _engine(self.url)
        self._readers = self._sessions(writes=False)
        self._writers = self._sessions(writes=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session whose changes are thrown away."""
        with _closing(self._readers()) as session:
            yield session
            session.rollback()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that commits when the block ends without an error, else rolls back."""
        with _closing(self._writers()) as session, session.begin():
            yield session

    def transact(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns, committed; tried anew when another writer was first.

        For work that looks before it adds: on the second try it finds what the other one added.
        """
        for _ in range(TRIES - 1):
            try:
                with self.write() as session:
                    return work(session)
            except IntegrityError:
                continue
        with self.write() as session:
            return work(session)

    def _sessions(self, *, writes: bool) -> sessionmaker[Session]:
        return sessionmaker(
            self.engine.execution_options(**{WRITES: writes}), expire_on_commit=False
        )

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@contextmanager
def _closing(session: Session) -> Iterator[Session]:
    try:
        yield session
    except DBAPIError as error:
        translated = _translated(error)
        if translated is None:
            raise
        raise translated from error
    except PoolTimeoutError as error:
        raise SetupError(
            "database_busy", "All connections to the database are in use: try again."
        ) from error
    finally:
        session.close()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number
        raise SetupError("bad_database_url", "GENEBANK_DATABASE_URL is no database URL.") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise SetupError(
            "bad_database_url", "GENEBANK_DATABASE_URL must begin with sqlite: or postgresql:."
        )
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return _postgresql_engine(url)
    _make_folder(url)
    engine = create_engine(url.set(drivername="sqlite"))
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10},
            # Whatever the server's default: after waiting for a lock, entries.add must see what
            # the one before committed.
            isolation_level="READ COMMITTED",
        )
    except ImportError as error:
        raise SetupError(
            "driver_missing", "PostgreSQL needs its driver: pip install 'genebank[postgres]'."
        ) from error


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
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _translated(error: DBAPIError) -> SetupError | None:
    reason = str(error.orig).splitlines()[0]
    if "no such table" in reason or ("relation" in reason and "does not exist" in reason):
        return SetupError("no_schema", "The database has no tables: run `genebank db upgrade`.")
    if isinstance(error, OperationalError) or "not a database" in reason or "malformed" in reason:
        return SetupError("database_unavailable", f"The database does not answer: {reason}.")
    return None
