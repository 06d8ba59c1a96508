"""`genebank withdraw` and `genebank reinstate`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.store import schema
from app.store.database import Database
from tests.cli.conftest import Run
from tests.synthetic import FAMILY, PROTOCOL, fill, write_files


@pytest.fixture
def registry_dir(data_dir: Path, tmp_path: Path) -> Path:
    """A folder with a registry that may be changed."""
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, tmp_path)
    database.close()
    return data_dir


def test_a_model_is_withdrawn_and_reinstated(registry_dir: Path, run: Run, tmp_path: Path) -> None:
    withdraw = ("withdraw", "wolf-chat", "--reason", "forged answers")
    refused = run(*withdraw)
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    done = run(*withdraw, "--yes", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["reason"] == "forged answers"
    asked = run("relatives", "wolf-chat")
    assert (asked.exit_code, "forged answers" in asked.stderr) == (2, True)
    assert "wolf-chat " not in run("models").stdout
    lines, probes = write_files(tmp_path)
    again = run("import", lines, "--probes", probes)
    assert (again.exit_code, "1 are withdrawn" in again.stderr) == (0, True)
    assert "5 there already" in again.stdout
    vectors = tmp_path / "vectors.jsonl"
    assert run("export", vectors, "--format", "vectors", "--protocol", PROTOCOL).exit_code == 0
    exported = {json.loads(line)["model"] for line in vectors.read_text().splitlines()}
    assert exported == FAMILY.keys() - {"acme/wolf-chat"}
    assert run("fsck").exit_code == 0
    back = run("reinstate", "wolf-chat")
    assert (back.exit_code, back.stdout.endswith("is reinstated.\n")) == (0, True)
    assert run("relatives", "wolf-chat").exit_code == 0
    assert run("reinstate", "wolf-chat").exit_code == 2


@pytest.mark.parametrize(("typed", "is_done"), [("y\n", True), ("n\n", False), ("", False)])
def test_people_are_asked(
    registry_dir: Path, run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, is_done: bool
) -> None:
    monkeypatch.setattr("app.cli.withdraw._is_somebody_there", lambda: True)
    done = CliRunner().invoke(app, ["withdraw", "founder", "--reason", "x"], input=typed)
    assert (done.exit_code, "is withdrawn" in done.stdout) == (0, is_done)
    assert ("Nothing was changed" in done.stderr) is not is_done
