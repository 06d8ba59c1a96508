"""The verbs that read: the same over the embedded registry and over a server."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from app.records import ModelRef
from app.store import models, schema
from app.store.database import Database
from tests.cli.conftest import Run
from tests.synthetic import FAMILY, LOCAL, PROTOCOL, fill

READING = [
    ["relatives", "wolf-chat"],
    ["relatives", "child", "-k", "1", "--protocol", "likelihood-v1"],
    ["compare", "founder", "child"],
    ["tree", "--protocol", PROTOCOL],
    ["tree", "founder", "child", "stranger", "--protocol", "likelihood-v1"],
    ["models"],
    ["jobs"],
    ["protocol", "list"],
    ["protocol", "show", "likelihood-v1"],
]


@pytest.fixture(params=["embedded", "server"])
def ask(request: pytest.FixtureRequest, run: Run) -> Callable[..., Result]:
    """A verb over the filled registry, straight or through a server."""
    if request.param == "embedded":
        request.getfixturevalue("filled")
        return run
    url = request.getfixturevalue("server_url")
    return lambda *words: run(*words, "--server", url)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_json_is_that_of_the_api_wherever_it_runs(
    run: Run, filled: Path, server_url: str, words: list[str]
) -> None:
    embedded, served = run(*words, "--json"), run(*words, "--json", "--server", server_url)
    assert (embedded.exit_code, embedded.stderr) == (0, "")
    assert json.loads(embedded.stdout) == json.loads(served.stdout)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_people_get_text_without_a_wrapped_line(
    ask: Callable[..., Result], words: list[str]
) -> None:
    result = ask(*words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.strip()
    assert "{" not in result.stdout


def test_relatives_rank_the_family_first(ask: Callable[..., Result]) -> None:
    result = ask("relatives", "beta/heron-code")
    ranked = [line.split() for line in result.stdout.splitlines() if line[:1].strip().isdigit()]
    assert [row[0] for row in ranked] == [str(place) for place in range(1, len(FAMILY))]
    assert ranked[0][1] == "beta/heron"
    assert "\N{EN DASH}" in result.stdout
    assert "inconclusive" in result.stdout
    assert result.stderr.strip(), "a note says why verdicts are inconclusive"


def test_relatives_show_a_table_a_protocol(ask: Callable[..., Result]) -> None:
    result = ask("relatives", "child")
    assert "child under likelihood-v1" in result.stdout
    assert "child under lexical-v1" in result.stdout


def test_compare_tells_copies_from_others(ask: Callable[..., Result]) -> None:
    assert "identical" in ask("compare", "child", "child").stdout
    assert "differ" in ask("compare", "child", "founder").stdout


def test_the_tree_is_drawn_with_every_tip(ask: Callable[..., Result]) -> None:
    result = ask("tree", "--protocol", PROTOCOL)
    for label in FAMILY:
        assert f" {label}\n" in result.stdout
    assert "┬" in result.stdout or "┌" in result.stdout


def test_lists_go_over_all_pages(ask: Callable[..., Result]) -> None:
    everything = json.loads(ask("models", "--json").stdout)["data"]
    assert len(everything) == len(FAMILY) + len(LOCAL)
    assert json.loads(ask("models", "--json", "--limit", "4").stdout)["data"] == everything[:4]
    assert json.loads(ask("models", "--json", "--limit", "1000").stdout)["data"] == everything


def test_probes_are_printed_one_a_line(ask: Callable[..., Result]) -> None:
    result = ask("protocol", "show", PROTOCOL, "--probes")
    assert result.stdout.splitlines()[0] == "Say something about number 0."
    assert len(result.stdout.splitlines()) == 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["relatives", "wolf-chatt"], "Did you mean acme/wolf-chat"),
        (["relatives", "wolf"], "import:beta/wolf"),
        (["relatives", "child", "--protocol", "nothing"], "nothing"),
        (["compare", "child", "acme/wolf"], "same protocol"),
        (["protocol", "show", "lexical"], "lexical"),
        (["jobs", "--state", "asleep"], "state"),
    ],
)
def test_problems_are_said_in_words(
    ask: Callable[..., Result], words: list[str], said: str
) -> None:
    result = ask(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_server_that_is_not_there(run: Run, words: list[str]) -> None:
    result = run(*words, "--server", "http://127.0.0.1:9")
    assert result.exit_code == 2
    assert "http://127.0.0.1:9" in result.stderr
    assert "genebank serve" in result.stderr


def test_the_server_may_be_named_in_the_environment(
    run: Run, data_dir: Path, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_SERVER", server_url)
    assert run("relatives", "child").exit_code == 0
    assert not data_dir.exists()


def test_copies_stand_beside_their_model(run: Run, data_dir: Path, tmp_path: Path) -> None:
    data_dir.mkdir()
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, tmp_path)
    with database.write() as session:
        child = models.find(session, "child")
        copy = models.register(session, ModelRef("local", "/models/child-again", "0" * 16))
        models.set_content(session, copy.id, child.digest or "", {})
    database.close()
    ranked = run("relatives", "founder", "--protocol", "likelihood-v1").stdout
    [row] = [line for line in ranked.splitlines() if line.startswith("1  child")]
    assert row.endswith("child-again")
    tree = run("tree", "--protocol", "likelihood-v1").stdout
    assert re.search(r"child += child-again\n", tree)
    assert "founder\n" in tree
