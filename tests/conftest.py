"""Fixtures for all tests: databases of both kinds, and a registry with a few models."""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from app.store import schema
from app.store.database import Database
from app.store.rows import Row
from tests import postgres
from tests.hub.server import Hub, serving_hub
from tests.synthetic import fill

# Other work on the machine must not fail a property that holds.
settings.register_profile("patient", parent=settings(), deadline=None)
settings.load_profile("patient")


def _loopback_only(event: str, arguments: tuple[Any, ...]) -> None:
    """Tests talk to this machine alone."""
    if event != "socket.connect" or not isinstance(arguments[1], tuple):
        return
    host = str(arguments[1][0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise RuntimeError(f"a test tried to connect to {host}")


sys.addaudithook(_loopback_only)
# The default draws tracebacks with all variables in them, which takes seconds.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(),
    ]
)


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A hub on loopback, without models."""
    with serving_hub() as serving:
        yield serving


KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server; skips where there is none, fails where CI is set."""
    with postgres.server() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'genebank.db'}"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database of each kind, without tables."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_tables(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database with the newest schema, which tests leave empty."""
    with postgres.fresh_database(postgres_server) as url:
        opened = Database(url)
        schema.upgrade(opened)
        opened.close()
        yield url


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open database of each kind, with the newest schema and nothing in it."""
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'genebank.db'}")
        schema.upgrade(opened)
        yield opened
        opened.close()
        return
    url = request.getfixturevalue("_postgres_tables")
    opened = Database(url)
    yield opened
    opened.close()
    postgres.clear(url, [table.name for table in Row.metadata.sorted_tables])


@pytest.fixture
def registry(database: Database, tmp_path: Path) -> Database:
    """`database` with the models of tests/synthetic.py."""
    fill(database, tmp_path)
    return database


@pytest.fixture(scope="session", params=KINDS)
def shared_registry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Like `registry`, made once for all tests: for those that write nothing."""
    folder = tmp_path_factory.mktemp("shared")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'genebank.db'}"
        if request.param == "postgresql":
            server_url = request.getfixturevalue("postgres_server")
            url = stack.enter_context(postgres.fresh_database(server_url))
        opened = Database(url)
        stack.callback(opened.close)
        schema.upgrade(opened)
        fill(opened, folder)
        yield opened
