import json
import socket
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from app.cli.checks import SOUND_SQLITE
from app.records import WorkerRecord
from app.store import jobs, schema, workers
from app.store.database import Database
from tests.brokers import PASSWORD, own_redis
from tests.cli.conftest import Run


def checks(run: Run) -> dict[str, dict[str, Any]]:
    result = run("doctor", "--json")
    found = {check["name"]: check for check in json.loads(result.stdout)["checks"]}
    failed = any(check["state"] == "failed" for check in found.values())
    assert result.exit_code == int(failed)
    return found


def test_a_fresh_installation_passes(run: Run, data_dir: Path) -> None:
    found = checks(run)
    assert not [check for check in found.values() if check["state"] == "failed"]
    assert found["database"]["state"] == found["data folder"]["state"] == "note"
    assert not data_dir.exists(), "a doctor changes nothing"


def test_a_registry_in_use_passes(run: Run, filled: Path) -> None:
    found = checks(run)
    assert found["database"]["state"] == found["data folder"]["state"] == "ok"
    assert f"revision {schema.head()}" in found["database"]["detail"]


@pytest.mark.usefixtures("data_dir")
def test_the_version_of_sqlite_is_judged(run: Run) -> None:
    sound = sqlite3.sqlite_version_info >= SOUND_SQLITE
    assert checks(run)["sqlite"]["state"] == ("ok" if sound else "warning")


@pytest.mark.usefixtures("data_dir")
def test_gpus_that_would_be_lent_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENEBANK_GPUS", "")
    assert "CPU" in checks(run)["gpus"]["detail"]
    monkeypatch.setenv("GENEBANK_GPUS", "0,GPU-8932f937")
    found = checks(run)["gpus"]
    assert found["state"] == "ok"
    assert found["detail"].startswith("0, GPU-8932f937: each is lent to one job")
    assert "GENEBANK_SLOTS is 1" in found["detail"]


@pytest.mark.usefixtures("data_dir")
def test_an_index_on_a_gpu_that_is_not_there_fails(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert checks(run)["index"]["state"] == "ok"
    monkeypatch.setenv("GENEBANK_INDEX_DEVICE", "gpu")
    found = checks(run)["index"]
    assert found["state"] == "failed"
    assert "genebank[gpu]" in found["detail"]


@pytest.mark.usefixtures("data_dir")
def test_misspelt_variables_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENEBANK_DATADIR", "/tmp/x")  # noqa: S108
    monkeypatch.setenv("GENEBANK_SERVER", "http://127.0.0.1:1")
    found = checks(run)
    assert "GENEBANK_DATA_DIR" in found["variable GENEBANK_DATADIR"]["detail"]
    assert "variable GENEBANK_SERVER" not in found


def test_a_setting_that_is_wrong_fails(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENEBANK_PORT", "many")
    found = checks(run)
    assert found["settings"]["state"] == "failed"
    assert "GENEBANK_PORT" in found["settings"]["detail"]
    assert found["python"]["state"] == "ok"


@pytest.mark.parametrize("content", [b"", b"this is no database at all, but a text." * 30])
def test_a_broken_database_fails(run: Run, data_dir: Path, content: bytes) -> None:
    data_dir.mkdir()
    (data_dir / "genebank.db").write_bytes(content)
    assert checks(run)["database"]["state"] == "failed"


def test_a_data_folder_that_is_a_file_fails(run: Run, data_dir: Path) -> None:
    data_dir.write_text("")
    assert checks(run)["data folder"]["state"] == "failed"


@pytest.mark.usefixtures("filled")
def test_a_server_that_answers_is_found(
    run: Run, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_PORT", server_url.rpartition(":")[2])
    assert checks(run)["server"]["state"] in ("ok", "warning")


@pytest.mark.usefixtures("data_dir")
def test_a_broker_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks(run)["broker"]["state"] == "note"
    with own_redis() as redis:
        monkeypatch.setenv("GENEBANK_BROKER_URL", redis.url)
        assert checks(run)["broker"]["state"] == "ok"
    away = checks(run)["broker"]
    assert away["state"] == "failed"
    assert PASSWORD not in away["detail"]
    monkeypatch.setenv("GENEBANK_BROKER_URL", "redis://redis.example:6379/0")
    assert "password" in checks(run)["broker"]["detail"]


@pytest.mark.usefixtures("data_dir")
def test_people_get_a_table(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "python" in result.stdout
    assert "3." in result.stdout


def test_kernels_and_font_are_looked_at(run: Run, data_dir: Path) -> None:
    found = checks(run)
    assert found["kernels"]["state"] in ("ok", "note")
    assert found["font"]["state"] == "ok"
    assert not data_dir.exists()


def test_a_database_tells_its_version_and_clock(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("GENEBANK_DATABASE_URL", url)
    found = checks(run)
    kind = "SQLite 3." if database.is_sqlite else "PostgreSQL 1"
    assert found["database"]["detail"].startswith(kind)
    assert found["clock"]["state"] == "ok"
    assert found["workers"]["state"] == "note"


def test_jobs_that_no_worker_serves_are_a_warning(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    with database.write() as session:
        jobs.submit(session, "tree", None, ["p"], queue="gpu")
        worker = WorkerRecord("w", "host", 1, "0", "looking", ("cpu",), 2)
        workers.show(session, worker, 60.0)
    found = checks(run)
    assert found["queue gpu"]["state"] == "warning"
    assert "--queues gpu" in found["queue gpu"]["detail"]
    assert found["workers"] == {"name": "workers", "state": "ok", "detail": "1 with 2 slots"}


def test_a_clock_that_is_off_is_a_warning(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setattr("app.store.gauges.clock", lambda _: time.time() + 3600)
    found = checks(run)["clock"]
    assert found["state"] == "warning"
    assert "NTP" in found["detail"]


def test_a_worker_of_this_host_can_be_asked_for(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_DATABASE_URL", database.url.render_as_string(hide_password=False))
    assert run("doctor", "--worker").exit_code == 1
    with database.write() as session:
        worker = WorkerRecord("w", socket.gethostname(), 1, "0", "looking", ("cpu",), 2)
        workers.show(session, worker, 60.0)
    assert run("doctor", "--worker").exit_code == 0
