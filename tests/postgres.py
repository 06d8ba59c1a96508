"""PostgreSQL for the tests: the server that is there, or one of our own, and databases on it.

GENEBANK_TEST_POSTGRES names a server; without it the usual place on loopback is tried, then
the programs of an installed PostgreSQL are started in a temporary folder.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from pydantic import Field
from pydantic_settings import BaseSettings
from sqlalchemy import make_url

USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
HINT = (
    "No PostgreSQL for the tests: install its server programs (Debian: apt-get install "
    "postgresql), or name a server in GENEBANK_TEST_POSTGRES."
)
# Nothing that a test writes needs to outlive a power cut.
OPTIONS = (
    "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off "
    "-c synchronous_commit=off -c full_page_writes=off"
)


class Surroundings(BaseSettings):
    """What the environment says about the tests' server."""

    url: str = Field(default="", validation_alias="GENEBANK_TEST_POSTGRES")
    ci: bool = Field(default=False, validation_alias="CI")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server, with a role that may create databases."""
    surroundings = Surroundings()
    programs = _programs()
    if surroundings.url or _answers(USUAL):
        yield surroundings.url or USUAL
    elif programs is not None:
        with _own_server(programs) as url:
            yield url
    elif surroundings.ci:
        pytest.fail(HINT)
    else:
        pytest.skip(HINT)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """The URL of an empty database, which is dropped afterwards, whoever still uses it."""
    name = f"genebank_test_{secrets.token_hex(8)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def clear(url: str, tables: Sequence[str]) -> None:
    """Delete all rows of these tables (referenced ones first), whoever still uses them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for table in reversed(tables):
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path | None:
    """The folder of the newest installed initdb and pg_ctl."""
    folders = Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")
    versions = sorted(folders, key=lambda path: int(path.parts[-3]), reverse=True)
    found = shutil.which("pg_ctl") if not versions else str(versions[0])
    return Path(found).resolve().parent if found else None


@contextmanager
def _own_server(programs: Path) -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="genebank-postgres-"))
    owner = _owner()
    if owner is not None:
        shutil.chown(folder, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def call(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, user=owner, cwd=folder, stdout=subprocess.DEVNULL)

    try:
        call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = OPTIONS.format(port=port)
        call("pg_ctl", "-w", "-s", "-l", str(folder / "log"), "-o", options, "start")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        call("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
