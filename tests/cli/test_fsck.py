import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.usefixtures("filled")
def test_a_whole_registry_exits_0(run: Run) -> None:
    result = run("fsck", "--all")
    assert result.exit_code == 0, result.output
    assert "the index is the database" in result.stdout
    assert "broken" not in result.stdout


def test_findings_exit_1_and_repairs_0(run: Run, data_dir: Path) -> None:
    assert run("db", "upgrade").exit_code == 0
    with sqlite3.connect(data_dir / "genebank.db") as connection:
        connection.execute("INSERT INTO claims VALUES ('mdl_x', 'name', '\x1b[1m', 's', 0)")
    connection.close()
    found = run("fsck", "--json")
    assert found.exit_code == 1
    checks = json.loads(found.stdout)["checks"]
    [broken] = [check for check in checks if check["findings"]]
    assert broken["examples"] == ["mdl_x: 1 rows of claims name it, and it is not there"]
    shown = run("fsck")
    assert "broken" in shown.stdout
    assert "mdl_x" in shown.stderr
    mended = run("fsck", "--repair")
    assert mended.exit_code == 0
    assert "1 mended" in mended.stdout


def test_a_database_that_does_not_answer_exits_2(run: Run, data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "genebank.db").write_bytes(b"this is no database at all" * 100)
    assert run("fsck").exit_code == 2
