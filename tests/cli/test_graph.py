"""`genebank graph`: what people see, what other programs read."""

import json
from pathlib import Path

import pytest

from app.store import schema
from app.store.database import Database
from tests.cli.conftest import Run
from tests.genealogy import FAMILY, claim, date_all, declare_all, plant


@pytest.fixture(scope="module")
def planted_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the genealogy, its dates, true claims and a false one."""
    folder = tmp_path_factory.mktemp("planted")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    plant(database)
    date_all(database)
    declare_all(database)
    claim(database, "oak-code", "declared_base", "stranger-1", source="submitter")
    database.close()
    return folder


@pytest.fixture(autouse=True)
def _planted(planted_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(planted_dir))


def test_families_are_drawn_from_their_founders_down(run: Run) -> None:
    result = run("graph", "--around", "oak-base")
    assert result.exit_code == 0, result.stderr
    assert "7 models under likelihood-v1, reference 1" in result.stderr
    lines = [line.strip("│├└─ ") for line in result.stdout.splitlines()]
    assert lines[0] == "oak-base  founder, 2024-01"
    assert "oak-chat  declared, supported" in lines
    assert "oak-blend  declared, supported" in lines
    assert "oak-code  declared, contradicted  (see above)" in lines
    doubt = "oak-code stranger-1 By their behaviour the two are unrelated. low"
    assert doubt.split() in [line.split() for line in lines]


def test_everything_tells_who_is_alone(run: Run) -> None:
    result = run("graph")
    assert "No model here is a relative of stranger-0, stranger-2" in result.stdout
    assert "and 9 more" in result.stdout


def test_other_programs(run: Run, tmp_path: Path) -> None:
    body = json.loads(run("graph", "--json").stdout)
    assert body["n_models"] == len(FAMILY) + 30
    assert run("graph", "--format", "json").stdout == run("graph", "--json").stdout
    assert run("graph", "--format", "dot").stdout.startswith("digraph derivation {")
    assert run("graph", "oak-base", "oak-chat", "--format", "mermaid").stdout.startswith(
        "flowchart"
    )
    for name, begin in (("g.dot", "digraph"), ("g.mmd", "flowchart"), ("g.json", "{")):
        result = run("graph", "-o", str(tmp_path / name))
        assert (result.exit_code, result.stdout) == (0, "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(begin)


def test_what_cannot_be_asked(run: Run, tmp_path: Path) -> None:
    for words, said in (
        (["oak-chatt", "oak-base"], "Did you mean"),
        (["oak-chat"], "needs two models"),
        (["oak-chat", "oak-chat"], "named twice"),
        (["oak-chat", "--around", "oak-base"], "not both"),
        (["--json", "--format", "dot"], "not both"),
        (["-o", str(tmp_path / "graph.png")], "end the file's name in one of"),
        (["-o", str(tmp_path / "absent" / "graph.dot")], "cannot be written"),
    ):
        result = run("graph", *words)
        assert result.exit_code == 2, words
        assert said in result.stderr
