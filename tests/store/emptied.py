"""One database of each kind for many tests, emptied after each: on PostgreSQL to make a database
and its tables takes seconds, to empty them milliseconds.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import delete

from app.store import schema
from app.store.database import Database
from app.store.rows import Row
from tests import postgres
from tests.conftest import KINDS


def empty(database: Database) -> None:
    """Delete every row of every table."""
    with database.write() as session:
        for table in reversed(Row.metadata.sorted_tables):
            session.execute(delete(table))


@pytest.fixture(scope="session", params=KINDS)
def standing_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """An open database of each kind with the newest schema."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path_factory.mktemp('standing') / 'genebank.db'}"
        if request.param == "postgresql":
            server_url = request.getfixturevalue("postgres_server")
            url = stack.enter_context(postgres.fresh_database(server_url))
            _let_commits_return_early(url)
        opened = Database(url)
        stack.callback(opened.close)
        schema.upgrade(opened)
        yield opened


@pytest.fixture
def database(standing_database: Database) -> Iterator[Database]:
    """`standing_database` with nothing in it."""
    empty(standing_database)
    yield standing_database


def _let_commits_return_early(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f'ALTER DATABASE "{connection.info.dbname}" SET synchronous_commit = off'
        )
