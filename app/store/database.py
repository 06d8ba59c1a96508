"""A database and its transactions, and what its errors mean."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from app.errors import SetupError
from app.store.engine import WRITES, Limits, make_engine, parse

# Session: so that callers can name what they are handed without importing SQLAlchemy.
__all__ = ["Database", "Limits", "Session", "beside", "unhurried"]

# Two writers that meet on a unique key need one more try; more meet only under attack.
TRIES = 5
# What PostgreSQL says of two writers that waited for each other (deadlock, serialisation): one
# was undone, and may begin anew.
CLASHES = frozenset({"40P01", "40001"})
# A statement, or the wait for a lock, took longer than Limits allows.
TOO_LONG = frozenset({"57014", "55P03"})

T = TypeVar("T")


class _ClashError(SetupError):
    """A transaction was undone for the sake of another."""


class Database:
    """Opens one transaction at a time: `read()` never waits for writers, `write()` commits."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        """Make an engine for `sqlite:///path` or `postgresql://...`; SetupError when unusable."""
        self.url = parse(url)
        self.engine = make_engine(self.url, limits or Limits())
        self._readers = self._sessions(writes=False)
        self._glances = self._readers
        if not self.is_sqlite:
            at_once = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._glances = sessionmaker(at_once.execution_options(**{WRITES: False}))
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

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """As `read`, for the few short statements of a request, which each see what is committed.

        On PostgreSQL they would so in a transaction, too: this one saves what begins and ends it.
        Nothing that is fetched piece by piece (`yield_per`) works here.
        """
        with _closing(self._glances()) as session:
            yield session

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
            except (IntegrityError, _ClashError):
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


def beside(session: Session) -> Callable[[], AbstractContextManager[Session]]:
    """What opens more reading sessions of a session's database, for work that outlives it."""
    engine = session.get_bind()

    @contextmanager
    def opened() -> Iterator[Session]:
        with _closing(Session(engine)) as other:
            yield other
            other.rollback()

    return opened


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


def unhurried(session: Session) -> None:
    """Lift the bounds of time to the end of the transaction: for long work that nobody waits for.

    SQLite has none.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL statement_timeout = 0"))
        session.execute(text("SET LOCAL lock_timeout = 0"))


def _translated(error: DBAPIError) -> SetupError | None:
    reason = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
    state = getattr(error.orig, "sqlstate", None)
    if "no such table" in reason or ("relation" in reason and "does not exist" in reason):
        return SetupError("no_schema", "The database has no tables: run `genebank db upgrade`.")
    if state in CLASHES:
        return _ClashError("database_busy", "Others write the same at this moment: try again.")
    if state in TOO_LONG:
        return SetupError(
            "database_busy", "The database took longer than a request may wait: try again."
        )
    is_away = isinstance(error, OperationalError) or error.connection_invalidated
    if is_away or "not a database" in reason or "malformed" in reason:
        return SetupError("database_unavailable", f"The database does not answer: {reason}.")
    return None
