import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_upgrade_then_check(run: Run, data_dir: Path) -> None:
    before = run("db", "check")
    assert (before.exit_code, data_dir.exists()) == (1, False)
    assert run("db", "upgrade").exit_code == 0
    assert run("db", "upgrade").exit_code == 0
    after = run("db", "check")
    assert after.exit_code == 0
    assert "the newest" in after.stdout
    assert data_dir.stat().st_mode & 0o077 == 0


def test_an_empty_database_is_a_finding(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "genebank.db").touch()
    result = run("db", "check")
    assert result.exit_code == 1
    assert "genebank db upgrade" in result.stderr


def test_drift_is_a_finding(run: Run, data_dir: Path) -> None:
    run("db", "upgrade")
    with sqlite3.connect(data_dir / "genebank.db") as connection:
        connection.execute("CREATE TABLE stranger (id INTEGER PRIMARY KEY)")
    connection.close()
    result = run("db", "check")
    assert result.exit_code == 1
    assert "stranger" in result.stderr


@pytest.mark.parametrize("url", ["mysql://x/y", "no url"])
def test_a_database_url_that_is_no_good(
    run: Run, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_DATABASE_URL", url)
    result = run("db", "check")
    assert result.exit_code == 2
    assert "GENEBANK_DATABASE_URL" in result.stderr


def test_a_data_folder_that_cannot_be_made(run: Run, data_dir: Path) -> None:
    data_dir.write_text("")
    result = run("db", "upgrade")
    assert result.exit_code == 2
    assert "GENEBANK_DATA_DIR" in result.stderr
