"""A backup restores what it was made of; nothing that is there is overwritten."""

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from app.errors import ConflictError, InputError, SetupError
from app.store import backups, schema
from app.store.database import Database
from app.store.rows import Row
from tests import postgres
from tests.store.making import answers_protocol, make_model


@contextmanager
def empty(database: Database, folder: Path, server: str) -> Iterator[Database]:
    """An empty database of the same kind as another."""
    if database.is_sqlite:
        target = Database(f"sqlite:///{folder / 'anew' / 'genebank.db'}")
        yield target
        target.close()
        return
    with postgres.fresh_database(server) as url:
        target = Database(url)
        yield target
        target.close()


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.read() as session:
        return {
            table.name: sorted(map(tuple, session.execute(table.select())), key=repr)
            for table in Row.metadata.sorted_tables
        }


def test_what_is_restored_is_what_was_backed_up(
    shared_registry: Database, tmp_path: Path, postgres_server: str
) -> None:
    file = tmp_path / "backups" / "one"
    written = backups.backup(shared_registry, file)
    assert written == file.stat().st_size > 1000
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["one"]
    with empty(shared_registry, tmp_path, postgres_server) as target:
        backups.restore(target, file)
        assert content(target) == content(shared_registry)
        assert schema.check(target) == schema.head()
        with target.read() as session:
            assert schema.drift(session.connection()) == []
        with pytest.raises(ConflictError, match="not_empty"):
            backups.restore(target, file)
    with pytest.raises(ConflictError, match="file_exists"):
        backups.backup(shared_registry, file)


def test_an_empty_registry_is_not_empty_enough(database: Database, tmp_path: Path) -> None:
    backups.backup(database, tmp_path / "one")
    with pytest.raises(ConflictError, match="not_empty"):
        backups.restore(database, tmp_path / "one")


def test_writers_go_on_while_it_is_backed_up(database: Database, tmp_path: Path) -> None:
    stop = threading.Event()
    made = 0

    def write() -> None:
        nonlocal made
        while not stop.is_set():
            with database.write() as session:
                make_model(session, f"model {made}")
                make_model(session, f"twin {made}")
            made += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while made < 20:
            assert thread.is_alive()
        backups.backup(database, tmp_path / "one")
    finally:
        stop.set()
        thread.join()
    if not database.is_sqlite:
        return
    with Database(f"sqlite:///{tmp_path / 'one'}").read() as session:
        count = session.scalar(select(func.count()).select_from(text("models")))
    assert count >= 40
    assert count % 2 == 0, "whole transactions only"


@pytest.mark.parametrize("body", [b"", b"something else entirely"])
def test_what_is_no_backup_is_refused(database: Database, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "file"
    file.write_bytes(body)
    with pytest.raises(InputError, match="no backup that"):
        backups.restore(database, file)
    with pytest.raises(InputError, match="cannot be read"):
        backups.restore(database, tmp_path / "nothing")


def test_a_backup_of_the_other_kind_is_refused(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"PGDMP\x01" if database.is_sqlite else b"SQLite format 3\0")
    with pytest.raises(InputError, match="genebank export"):
        backups.restore(database, file)


def test_a_damaged_database_makes_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    schema.upgrade(database)
    with database.write() as session:
        for number in range(300):
            make_model(session, f"model {number}")
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    body = bytearray(path.read_bytes())
    for start in range(4096 * 3, len(body), 4096 * 2):
        body[start : start + 200] = b"\xff" * 200
    path.write_bytes(body)
    with pytest.raises(SetupError, match="backup_failed"):
        backups.backup(Database(sqlite_url), tmp_path / "one")
    assert not (tmp_path / "one").exists()


@pytest.mark.parametrize("shared_registry", ["postgresql"], indirect=True)
def test_without_the_programs_it_says_so(
    shared_registry: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match="pg_dump is not on PATH"):
        backups.backup(shared_registry, tmp_path / "one")


@pytest.mark.parametrize("shared_registry", ["postgresql"], indirect=True)
def test_a_password_is_in_no_error_and_among_no_arguments(
    shared_registry: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "pg_dump"
    fake.write_text(
        '#!/bin/sh\nf=$(echo "$1" | sed "s/.*passfile=//")\necho "$@" >&2\n'
        f'cat "$(echo "$f" | sed "s/%2F/\\//g")" > {tmp_path}/seen\nexit 3\n'
    )
    fake.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    url = shared_registry.url.set(password="canary:\\1").render_as_string(hide_password=False)  # noqa: S106
    database = Database(url)
    with pytest.raises(SetupError, match="pg_dump failed") as caught:
        backups.backup(database, tmp_path / "one")
    assert "canary" not in str(caught.value)
    assert (tmp_path / "seen").read_text() == "*:*:*:*:canary\\:\\\\1\n"
    database.close()


def test_protocols_are_kept(database: Database, tmp_path: Path, postgres_server: str) -> None:
    from app.store import protocols

    with database.write() as session:
        protocol = protocols.ensure(session, answers_protocol())
    backups.backup(database, tmp_path / "one")
    with empty(database, tmp_path, postgres_server) as target:
        backups.restore(target, tmp_path / "one")
        with target.read() as session:
            assert protocols.get(session, protocol.digest).digest == protocol.digest
