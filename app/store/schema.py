"""The schema's version: alembic migrations, run under a lock, and whether they have run."""

import warnings
from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.errors import SetupError
from app.store.database import Database, unhurried
from app.store.rows import Row

MIGRATION_LOCK = 0x67656E66


def upgrade(database: Database) -> str:
    """Bring the schema to the newest revision and return it; safe to run many times at once.

    DDL is transactional on both databases: a migration that breaks leaves nothing behind.
    """
    with database.write() as session:
        connection = session.connection()
        if not database.is_sqlite:
            # Whoever comes second waits for the first; an index over millions takes minutes.
            unhurried(session)
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
            # A table that is in use must not queue everyone behind its migration for long.
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
        command.upgrade(_config(connection), "head")
        return current(connection) or ""


def check(database: Database) -> str:
    """Return the revision when it is the newest; SetupError `no_schema` or `old_schema`."""
    with database.read() as session:
        revision = current(session.connection())
    newest = head()
    if revision is None:
        raise SetupError("no_schema", "The database has no tables: run `genebank db upgrade`.")
    if revision != newest:
        raise SetupError(
            "old_schema",
            f"The database is at revision {revision}, this program needs {newest}: "
            "run `genebank db upgrade` with the newest program.",
        )
    return revision


def drift(connection: Connection) -> list[object]:
    """What differs between the tables that are there and the rows that the code declares."""
    with warnings.catch_warnings():
        # Neither SQLAlchemy nor alembic reads SQLite's indexes over expressions, and both say so.
        for words in ("Skipped unsupported reflection", "autogenerate skipping"):
            warnings.filterwarnings("ignore", f"{words}.* expression-based index")
        return list(compare_metadata(MigrationContext.configure(connection), Row.metadata))


def current(connection: Connection) -> str | None:
    """The revision that the database is at, or None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
