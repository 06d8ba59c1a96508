"""`genebank tree`: drawn in the terminal, printed in other forms, written to files."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from app.phylo.formats.newick import read
from tests.cli.conftest import Run
from tests.synthetic import FAMILY, LOCAL, PROTOCOL

Ask = Callable[..., Result]
MINE = ("--protocol", PROTOCOL)


@pytest.fixture
def ask(run: Run, filled: Path) -> Ask:
    """A verb over the filled registry."""
    return run


def test_it_is_drawn_with_every_tip_and_says_how(ask: Ask) -> None:
    result = ask("tree", *MINE)
    for label in FAMILY:
        assert f" {label}\n" in result.stdout
    assert "┬" in result.stdout or "┌" in result.stdout
    assert "midpoint root" in result.stderr
    assert "100 replicates" in result.stderr


def test_a_few_models_a_family_and_around_one(ask: Ask) -> None:
    around = json.loads(ask("tree", "--around", "heron", "-k", "3", *MINE, "--json").stdout)
    assert around["n_tips"] == 4
    family = json.loads(ask("tree", "--family", "acme/wolf", *MINE, "--json").stdout)
    assert {tip["model"]["name"] for tip in family["tips"]} == {
        name for name in FAMILY if "wolf" in name
    }
    assert ask("tree", *LOCAL, "--protocol", "likelihood-v1", "--replicates", "0").exit_code == 0


def test_forms_are_printed_and_written_by_the_ending(ask: Ask, tmp_path: Path) -> None:
    printed = ask("tree", *MINE, "--format", "newick")
    assert set(read(printed.stdout).labels) == set(FAMILY)
    begins = {
        "tree.nwk": b"(",
        "tree.nex": b"#NEXUS",
        "tree.phyloxml": b"<",
        "tree.auspice.json": b"{",
        "tree.json": b"{",
        "tree.csv": b"n_tips",
        "tree.svg": b"<svg",
        "TREE.PNG": b"\x89PNG",
    }
    for name, start in begins.items():
        file = tmp_path / name
        written = ask("tree", *MINE, "--output", file, "--replicates", "5")
        assert (written.exit_code, written.stdout) == (0, ""), written.stderr
        assert str(file) in written.stderr
        assert file.read_bytes().startswith(start), name
    assert (tmp_path / "tree.auspice.json").read_text() != (tmp_path / "tree.json").read_text()


def test_pictures_follow_their_options(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "tree.svg"
    drawn = ("--layout", "radial", "--theme", "dark", "--width", "700")
    assert ask("tree", *MINE, "-o", file, "--rooting", "minimum_variance", *drawn).exit_code == 0
    text = file.read_text()
    assert 'width="700"' in text
    assert "minimum variance root" in text


def test_an_outgroup_is_a_root(ask: Ask) -> None:
    data = json.loads(ask("tree", *MINE, "--outgroup", "beta/heron", "--json").stdout)
    assert data["rooting"]["method"] == "outgroup"


def test_a_kind_of_distance_may_be_asked_for(ask: Ask) -> None:
    data = json.loads(ask("tree", *MINE, "--distance", "angular", "--json").stdout)
    assert data["distance"] == "angular"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["heron"], "--around heron"),
        (["--json", "--format", "newick"], "not both"),
        (["--format", "png"], "--output"),
        (["--format", "gif"], "format"),
        (["--output", "tree.gif"], ".svg"),
        (["--output", "/nowhere/tree.nwk"], "/nowhere/tree.nwk"),
        (["--rooting", "sideways"], "rooting"),
        (["--outgroup", "nobody"], "nobody"),
        (["--dated", "--rooting", "date"], "dates"),
        (["--distance", "log_rank"], "angular"),
        (["--family", "wolff"], "wolf"),
        (["--around", "heron", "--family", "wolf"], "both"),
        (["wolf-chat", "heron", "wolf-chat"], "twice"),
    ],
)
def test_what_cannot_be_is_one_line(ask: Ask, words: list[str], said: str) -> None:
    result = ask("tree", *MINE, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_dates_that_say_nothing_are_inconclusive(ask: Ask) -> None:
    result = ask("tree", *MINE, "--dated")
    assert result.exit_code == 0
    assert "inconclusive" in result.stderr
