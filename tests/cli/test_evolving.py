"""`genebank rates` and `genebank traits`: tables for people, the API's JSON for programs."""

import json
from pathlib import Path

import pytest

from app.store import schema
from app.store.database import Database
from tests.cli.conftest import Run
from tests.evolving import LABELS, fill


@pytest.fixture(scope="module")
def evolving_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the families of tests/evolving.py."""
    folder = tmp_path_factory.mktemp("evolving")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, folder)
    database.close()
    return folder


@pytest.fixture
def evolving(evolving_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`evolving_dir`, in the settings."""
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(evolving_dir))
    return evolving_dir


@pytest.mark.usefixtures("evolving")
def test_rates_are_shown_the_fastest_first(run: Run) -> None:
    result = run("rates", "--replicates", "5")
    assert result.exit_code == 0, result.stderr
    rows = [line.split() for line in result.stdout.splitlines()]
    assert [row[0] for row in rows[2:5]] == ["red-0", "blue-0", "few-0"]
    assert "inconclusive: 3 dated models are too few" in result.stdout
    assert "Do families differ: different" in result.stdout
    assert "midpoint rooting" in result.stderr
    assert "Root to tip" in result.stderr


@pytest.mark.usefixtures("evolving")
def test_families_come_from_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "families.tsv"
    lines = [f"{label}\t{label[:3]}\t{'2024-01' if 'few' in label else ''}" for label in LABELS]
    file.write_text("\n".join(["model\tfamily\treleased", *lines, "nobody\tred"]))
    result = run("rates", "--families", file, "--replicates", "0", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    body = json.loads(result.stdout)
    assert [one["family"] for one in body["families"]] == ["blu", "few", "red"]
    assert body["families"][1]["first"] == body["families"][1]["last"] == "2024-01"
    said = run("rates", "--families", file, "--replicates", "0").stderr
    assert "No model of the tree is named nobody" in said


@pytest.mark.usefixtures("evolving")
def test_one_family_is_inconclusive(run: Run) -> None:
    result = run("rates", *LABELS[:8])
    assert result.exit_code == 3
    assert "Two families" in result.stdout


@pytest.mark.usefixtures("evolving")
def test_traits_are_shown(run: Run, tmp_path: Path) -> None:
    result = run("traits")
    assert result.exit_code == 0, result.stderr
    assert "organisation  followed" in result.stdout
    assert "architecture  inconclusive" in result.stdout
    file = tmp_path / "traits.tsv"
    file.write_text("\n".join(["model\t[bold]taste", *(f"{one}\tsweet" for one in LABELS)]))
    result = run("traits", "--file", file)
    assert result.exit_code == 3
    assert "[bold]taste" in result.stdout
    result = run("traits", "--file", file, "--trait", "family", "--json")
    assert result.exit_code == 0
    assert [one["trait"] for one in json.loads(result.stdout)["traits"]] == [
        "family",
        "[bold]taste",
    ]


@pytest.mark.usefixtures("evolving")
def test_problems_are_said_in_words(run: Run, tmp_path: Path) -> None:
    for words, said in (
        (["rates", "--families", tmp_path / "no.tsv"], "cannot be read"),
        (["rates", "red-00"], "rates"),
        (["traits", "--trait", "taste"], "trait"),
        (["rates", "--rooting", "outgroup"], "outgroup"),
    ):
        result = run(*words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr or said == "rates"
        assert "Traceback" not in result.stderr
