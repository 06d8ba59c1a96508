"""`genebank ancestors` and `descendants`: what people see, what scripts read."""

import json
from pathlib import Path

import pytest

from app.store import schema
from app.store.database import Database
from tests.cli.conftest import Run
from tests.genealogy import claim, date_all, declare_all, plant


@pytest.fixture(scope="module")
def planted_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the genealogy, its dates, true claims and two false ones."""
    folder = tmp_path_factory.mktemp("planted")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    plant(database)
    date_all(database)
    declare_all(database)
    claim(database, "oak-blend", "declared_base", "stranger-1", "elsewhere/oak", source="submitter")
    database.close()
    return folder


@pytest.fixture
def planted(planted_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(planted_dir))
    return planted_dir


@pytest.mark.usefixtures("planted")
def test_ancestors_are_ranked_with_reasons_and_drawn(run: Run) -> None:
    result = run("ancestors", "oak-blend")
    assert result.exit_code == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "oak-blend: ancestors"
    ranked = [line.split() for line in lines if line[:1].isdigit()]
    assert {row[1] for row in ranked[:2]} == {"oak-chat", "oak-code"}
    assert ranked[2][1] == "oak-base"
    assert "names it as its base (model card); released 2024-03 (hub)" in result.stdout
    assert "behaves as a mix of it" in result.stdout
    drawn = lines[lines.index("oak-blend") :]
    assert [line.strip("│├└─ ") for line in drawn] == [
        "oak-blend",
        "oak-chat  declared, supported",
        "oak-base  declared, supported",
        "oak-code  declared, supported",
        "oak-base  declared, supported",
        "stranger-1  declared, contradicted",
    ]
    assert "beside the line (siblings, aunts): oak-chat-q8" in result.stdout


@pytest.mark.usefixtures("planted")
def test_claims_are_judged_in_words(run: Run) -> None:
    told = run("ancestors", "oak-blend").stdout
    assert "oak-blend names oak-chat as its base (model card). Supported: by their beh" in told
    assert "names stranger-1 as its base (submitter). Contradicted: by their behaviour" in told
    assert "names elsewhere/oak as its base (submitter). Undecided: It is not registered." in told
    below = run("descendants", "stranger-1").stdout
    assert "oak-blend names stranger-1 as its base (submitter). Contradicted" in below


@pytest.mark.usefixtures("planted")
def test_descendants_are_drawn_downwards(run: Run) -> None:
    result = run("descendants", "oak-base", "-k", "3")
    assert result.exit_code == 0
    ranked = [line.split() for line in result.stdout.splitlines() if line[:1].isdigit()]
    assert [row[0] for row in ranked] == ["1", "2", "3"]
    below = {
        line.strip("│├└─ ").split("  ")[0] for line in result.stdout.splitlines() if "─ " in line
    }
    assert below == {"oak-chat", "oak-code", "oak-blend", "oak-chat-q8", "oak-chat-tuned"}


@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(
    ("verb", "name", "verdict"),
    [
        ("ancestors", "oak-chat", "found"),
        ("ancestors", "oak-base", "none"),
        ("descendants", "oak-blend", "none"),
        ("descendants", "oak-chat", "found"),
    ],
)
def test_json_is_that_of_the_api(run: Run, verb: str, name: str, verdict: str) -> None:
    result = run(verb, name, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["verdict"] == verdict
    assert run(verb, name).exit_code == 0


@pytest.mark.usefixtures("filled")
def test_inconclusive_exits_with_3(run: Run) -> None:
    for words in (["ancestors", "child"], ["descendants", "child", "--json"]):
        result = run(*words)
        assert result.exit_code == 3
        assert "no reference yet" in result.stdout
    assert "Exits with 3" in run("ancestors", "--help").stdout


@pytest.mark.usefixtures("planted")
def test_an_unknown_name_is_an_error(run: Run) -> None:
    result = run("ancestors", "oak-chatt")
    assert result.exit_code == 2
    assert "Did you mean" in result.stderr
