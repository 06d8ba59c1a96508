"""Trees of protocols, of files, and lineages against each other."""

import json
from pathlib import Path

import pytest

from app.store import schema
from app.store.database import Database
from tests import two_protocols
from tests.cli.conftest import Run
from tests.two_protocols import LINEAGE, MODELS

A = "((a:1,b:1)0.9:1,(c:1,(d:1,'e <x>':1):1):1,only:2);"
B = "((a:1,c:1):1,('e <x>':1,(d:1,b:1):1):1);"


@pytest.fixture(scope="module")
def two_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with models of both default protocols; for tests that only read."""
    folder = tmp_path_factory.mktemp("two")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    two_protocols.fill(database)
    database.close()
    return folder


@pytest.fixture
def two(two_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`two_dir`, in the settings."""
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(two_dir))
    return two_dir


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two Newick files and a lineage."""
    texts = {"a.nwk": A, "b.nwk": B, "lineage.tsv": LINEAGE, "bad.nwk": "(a,b"}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: tmp_path / name for name in texts}


def test_two_protocols(run: Run, two: Path) -> None:
    said = run("compare-trees", "likelihood-v1", "lexical-v1")
    assert said.exit_code == 0, said.stderr
    assert f"{len(MODELS)} models in both trees" in said.stdout
    for measure in ("Robinson-Foulds", "clustering information", "cophenetic", "crossings"):
        assert measure in said.stdout
    data = json.loads(run("compare-trees", "likelihood-v1", "lexical-v1", "--json").stdout)
    assert data["n_shared"] == len(MODELS)
    assert data["a"]["protocol"]["name"] == "likelihood-v1"
    some = [word for name in MODELS[:4] for word in ("--model", name)]
    fewer = json.loads(run("compare-trees", "likelihood-v1", "lexical-v1", *some, "--json").stdout)
    assert fewer["n_shared"] == 4


def test_two_files_need_no_registry(
    run: Run, files: dict[str, Path], data_dir: Path, tmp_path: Path
) -> None:
    tangle = tmp_path / "tangle.json"
    said = run("compare-trees", files["a.nwk"], files["b.nwk"], "--json", "--tanglegram", tangle)
    assert said.exit_code == 0, said.stderr
    assert not data_dir.exists()
    data = json.loads(said.stdout)
    assert (data["n_shared"], data["a"]["only_here"], data["b"]["only_here"]) == (5, ["only"], [])
    assert data["a"]["name"] == str(files["a.nwk"])
    drawn = json.loads(tangle.read_text(encoding="utf-8"))
    assert sorted(drawn["a"]["order"]) == sorted(drawn["b"]["order"]) == [*"abcd", "e <x>"]
    assert drawn["crossings"] <= drawn["before"]
    people = run("compare-trees", files["a.nwk"], files["b.nwk"])
    assert "Only in" in people.stderr
    assert "only" in people.stderr


def test_a_protocol_and_a_file(run: Run, two: Path, tmp_path: Path) -> None:
    file = tmp_path / "published.nwk"
    assert run("tree", "--protocol", "lexical-v1", "--output", file).exit_code == 0
    data = json.loads(run("compare-trees", "lexical-v1", file, "--json").stdout)
    assert data["robinson_foulds"] == {"distance": 0, "normalised": 0}
    assert data["clustering_information"]["similarity"] == pytest.approx(1)
    assert data["tanglegram"]["crossings"] == 0


def test_a_lineage(run: Run, two: Path, files: dict[str, Path]) -> None:
    for words in (["likelihood-v1", files["lineage.tsv"]], [files["lineage.tsv"], "likelihood-v1"]):
        said = run("compare-trees", *words)
        assert said.exit_code == 0, said.stderr
        assert "of 3 clades shown" in said.stdout
        assert "wolf" in said.stdout
        data = json.loads(run("compare-trees", *words, "--json").stdout)
        assert (data["n_shared"], data["n_clades"]) == (len(MODELS), 3)
        assert {clade["head"] for clade in data["clades"]} == {"wolf", "heron", "wolf-b"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lineage.tsv", "lineage.tsv"], "name a tree"),
        (["a.nwk", "lineage.tsv", "--tanglegram", "x.json"], "no tree"),
        (["a.nwk", "b.nwk", "--model", "wolf"], "name a protocol too"),
        (["a.nwk", "lineage.tsv"], "it takes 4"),
        (["a.nwk", "bad.nwk"], "bad.nwk"),
        (["a.nwk", "missing.nwk"], "missing.nwk cannot be read"),
        (["a.nwk", "b.nwk", "--tanglegram", "/nowhere/x.json"], "/nowhere/x.json cannot"),
        (["likelihood-v1", "lexical-v"], "lexical-v1"),
        (["likelihood-v1", "likelihood-v1"], "name another"),
        (["likelihood-v1", "a.nwk"], "share 0 of their tips"),
    ],
)
def test_problems_are_said_in_words(
    run: Run, two: Path, files: dict[str, Path], words: list[str], said: str
) -> None:
    result = run("compare-trees", *(files.get(word, word) for word in words))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
