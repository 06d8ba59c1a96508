import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from app.cli.checks import SOUND_SQLITE
from app.store import schema
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
