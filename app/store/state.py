"""A cheap word for all that a database holds: equal words, equal content.

PostgreSQL: which transactions a statement sees (`pg_current_snapshot`), so that any write to the
server gives another word. SQLite: `data_version` of one connection that never writes, which
counts what others commit; it means nothing to another process.
"""

from threading import Lock

from sqlalchemy import Connection, text

from app.store.database import Database
from app.store.engine import WRITES

_OF_POSTGRESQL = text("SELECT pg_current_snapshot()::text")
_OF_SQLITE = text("PRAGMA data_version")


class State:
    """The word of one database, for one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watching: Connection | None = None
        self._lock = Lock()

    def read(self) -> str:
        """The word now: what was committed before the call is in it."""
        if not self._database.is_sqlite:
            with self._database.glance() as session:
                return str(session.execute(_OF_POSTGRESQL).scalar_one())
        with self._lock:
            if self._watching is None:
                readers = self._database.engine.execution_options(**{WRITES: False})
                self._watching = readers.connect()
            try:
                return str(self._watching.execute(_OF_SQLITE).scalar_one())
            finally:
                self._watching.rollback()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
