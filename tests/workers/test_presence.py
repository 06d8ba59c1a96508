"""A worker's heartbeat: begins at once, survives what fails, ends with the worker."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.records import WorkerRecord
from app.store import schema, workers
from app.store.database import Database
from workers import presence
from workers.presence import Presence

ONE = WorkerRecord("host:1:ab", "host", 1, "0.1", "looking", ("cpu",), 1)


def seen(database: Database) -> list[WorkerRecord]:
    with database.read() as session:
        return workers.present(session)


def await_true(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_worker_is_there_until_it_ends(database: Database, tmp_path: Path) -> None:
    shown = Presence(database, ONE, tmp_path)
    await_true(lambda: len(seen(database)) == 1)
    shown.drain()
    await_true(lambda: seen(database)[0].is_draining)
    shown.end()
    assert seen(database) == []


def test_a_heartbeat_outlives_a_database_that_is_away(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "BEAT_S", 0.02)
    away = Database(sqlite_url)  # it has no tables yet
    shown = Presence(away, ONE, tmp_path)
    time.sleep(0.1)
    schema.upgrade(away)
    await_true(lambda: len(seen(away)) == 1)
    first = seen(away)[0].seen_at
    await_true(lambda: seen(away)[0].seen_at > first)
    shown.end()
    away.close()


def test_a_worker_ends_without_its_database(sqlite_url: str, tmp_path: Path) -> None:
    away = Database(sqlite_url)
    shown = Presence(away, ONE, tmp_path)
    shown.end()
    away.close()
