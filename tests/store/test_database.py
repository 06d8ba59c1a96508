"""Databases: what cannot be opened is a SetupError, and a transaction is whole or not at all."""

import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from app.errors import SetupError
from app.store import models
from app.store.database import TRIES, Database, Session
from tests.store.making import make_model


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://localhost/x", "postgresql://host:port/x", "oracle:", "://"]
)
def test_what_is_no_database_url_is_said_so(url: str) -> None:
    with pytest.raises(SetupError, match="bad_database_url"):
        Database(url)


def unavailable(url: str) -> str:
    database = Database(url)
    try:
        with pytest.raises(SetupError, match="database_unavailable") as error, database.read() as s:
            s.execute(text("SELECT 1"))
    finally:
        database.close()
    return error.value.detail


def test_what_does_not_answer_is_said_so_without_the_password(tmp_path: Path) -> None:
    assert "secret" not in unavailable("postgresql://me:secret@127.0.0.1:1/none")
    unavailable(f"sqlite:///{tmp_path}")
    (tmp_path / "prose").write_text("This is prose and no database. " * 99)
    unavailable(f"sqlite:///{tmp_path / 'prose'}")


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="bad_data_dir"):
        Database(f"sqlite:///{tmp_path / 'file' / 'genebank.db'}")


def test_the_registrys_folder_is_its_owners_alone(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'genebank.db'}").close()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_missing_driver_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SetupError, match=r"driver_missing: .*genebank\[postgres\]"):
        Database("postgresql://127.0.0.1/none")


def test_a_database_without_tables_is_said_so_by_our_own_driver(database_url: str) -> None:
    url = make_url(database_url)
    other = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    named = url.set(drivername=other[url.get_backend_name()])
    database = Database(named.render_as_string(hide_password=False))
    with pytest.raises(SetupError, match="no_schema"), database.read() as session:
        models.page(session, None, 1)
    database.close()


def test_a_write_is_whole_or_not_at_all(database: Database) -> None:
    def work(session: Session) -> None:
        make_model(session, "m")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.transact(work)
    with database.read() as session:
        assert models.page(session, None, 9) == []
        make_model(session, "thrown away")
    with database.write() as session:
        assert models.page(session, None, 9) == []
        model = make_model(session, "kept")
    with database.read() as session:
        assert models.page(session, None, 9) == [model]


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    with database.write() as writing:
        make_model(writing, "m")
        with database.read() as session:
            assert models.page(session, None, 9) == []
    with database.read() as session:
        assert len(models.page(session, None, 9)) == 1


def test_transact_tries_anew_when_another_was_first_and_gives_up_at_last(
    database: Database,
) -> None:
    tries = []

    def work(session: Session) -> int:
        tries.append(1)
        if len(tries) < 3:
            raise IntegrityError("", {}, Exception("taken"))
        return len(tries)

    assert database.transact(work) == 3

    def never(session: Session) -> None:
        tries.append(1)
        raise IntegrityError("", {}, Exception("taken"))

    tries.clear()
    with pytest.raises(IntegrityError):
        database.transact(never)
    assert len(tries) == TRIES == 5


def test_a_transaction_sees_what_was_committed_while_it_waited(
    postgres_server: str,
) -> None:
    """Whatever the server's default is: entries are numbered after waiting for a lock."""
    options = "-c default_transaction_isolation=serializable"
    url = make_url(postgres_server).update_query_dict({"options": options})
    database = Database(url.render_as_string(hide_password=False))
    for opened in (database.read, database.write):
        with opened() as session:
            assert session.scalar(text("SHOW transaction_isolation")) == "read committed"
            assert session.scalar(text("SHOW default_transaction_isolation")) == "serializable"
    database.close()
