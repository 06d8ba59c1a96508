"""PostgreSQL as a process sees it: a pool, bounds of time, and a server that goes and comes."""

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text

from app.errors import SetupError
from app.store.database import Database, Limits, Session, unhurried
from tests import postgres
from tests.store.proxy import Proxy, proxied
from tests.store.threads import at_once

SLEEP = text("SELECT pg_sleep(3)")


@pytest.fixture
def tables(postgres_server: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of one's own, with two tables nobody uses elsewhere."""
    with postgres.fresh_database(postgres_server) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE pots (id INTEGER PRIMARY KEY, n INTEGER)")
            connection.execute("INSERT INTO pots VALUES (1, 0), (2, 0)")
        yield url


def opened(url: str, limits: Limits | None = None) -> Database:
    return Database(url, limits)


def test_statements_of_requests_are_bounded_and_long_work_is_not(tables: str) -> None:
    database = opened(tables, Limits(2, statement_timeout_s=0.2, lock_timeout_s=0.1))
    with pytest.raises(SetupError, match="database_busy"), database.read() as session:
        session.execute(SLEEP)
    with database.read() as session:
        unhurried(session)
        session.execute(text("SELECT pg_sleep(0.3)"))
    with database.read() as session:
        assert session.scalar(text("SHOW statement_timeout")) == "200ms"
        assert session.scalar(text("SHOW lock_timeout")) == "100ms"
    database.close()


def test_who_waits_too_long_for_a_lock_is_told_to_try_again(tables: str) -> None:
    database = opened(tables, Limits(2, lock_timeout_s=0.1))
    with database.write() as holding:
        holding.execute(text("SELECT * FROM pots FOR UPDATE"))
        with pytest.raises(SetupError, match="database_busy"), database.write() as session:
            session.execute(text("UPDATE pots SET n = 9"))
    database.close()


def test_two_that_wait_for_each_other_both_come_through(tables: str) -> None:
    database = opened(tables)

    def work(writer: int) -> int:
        def both(session: Session) -> int:
            for pot in ((1, 2), (2, 1))[writer]:
                session.execute(text("UPDATE pots SET n = n + 1 WHERE id = :id"), {"id": pot})
                time.sleep(0.2)
            return writer

        return database.transact(both)

    assert at_once(work, 2) == [0, 1]
    with database.read() as session:
        assert session.scalars(text("SELECT n FROM pots")).all() == [2, 2]
    database.close()


def write_around(database: Database, happening: Callable[[], None]) -> None:
    """Write before and after something happens, in one transaction."""
    with database.write() as session:
        session.execute(text("UPDATE pots SET n = 9"))
        happening()
        session.execute(text("UPDATE pots SET n = 10"))


def test_a_pool_has_a_size(tables: str) -> None:
    database = opened(tables, Limits(2))

    def count(_: int) -> None:
        with database.read() as session:
            session.execute(text("SELECT pg_sleep(0.2)"))

    at_once(count, 4)
    pool = database.engine.pool
    assert pool.status().startswith("Pool size: 2  Connections in pool: 2")
    database.close()


def test_a_writer_that_stands_still_is_ended(tables: str) -> None:
    database = opened(tables, Limits(idle_writer_s=0.1))
    began = time.monotonic()

    def write_elsewhere() -> None:
        # Waits for the row that the one which stands still has written.
        with database.write() as session:
            session.execute(text("UPDATE pots SET n = 0"))

    with pytest.raises(SetupError, match="database_unavailable"):
        write_around(database, write_elsewhere)
    assert time.monotonic() - began < 5.0
    with database.read() as session:
        assert session.scalars(text("SELECT n FROM pots")).all() == [0, 0]
    database.close()


@pytest.fixture
def proxy(tables: str) -> Iterator[tuple[Proxy, str]]:
    """A database behind a proxy, and its URL there."""
    url = make_url(tables)
    with proxied(url.host or "127.0.0.1", url.port or 5432) as made:
        there = url.set(host="127.0.0.1", port=made.port)
        yield made, there.render_as_string(hide_password=False)


def test_a_server_that_comes_back_is_used_again(proxy: tuple[Proxy, str]) -> None:
    made, url = proxy
    database = opened(url)
    for _ in range(2):
        with database.read() as session:
            assert session.scalar(text("SELECT 1")) == 1
        made.cut()
        for opening in (database.read, database.write):
            with pytest.raises(SetupError, match="database_unavailable"), opening() as session:
                session.execute(text("SELECT 1"))
        made.mend()
    # Whoever was in the middle of something is told, and nothing of it is there.
    with pytest.raises(SetupError, match="database_unavailable"):
        write_around(database, made.cut)
    made.mend()
    with database.read() as session:
        assert session.scalars(text("SELECT n FROM pots")).all() == [0, 0]
    database.close()


def test_connections_that_the_server_ended_are_not_used(tables: str) -> None:
    database = opened(tables)
    with database.read() as session:
        session.execute(text("SELECT 1"))
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1
    database.close()
