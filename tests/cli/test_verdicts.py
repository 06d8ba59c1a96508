"""Verdicts in tables: the word, what speaks against it, and who decided."""

from pathlib import Path

import pytest

from app.cli.verdicts import STYLES, verdict
from app.dna.relations import VERDICTS
from app.store import schema
from app.store.database import Database
from tests import related
from tests.cli.conftest import Run


def test_each_word_has_its_colour() -> None:
    assert set(STYLES) == set(VERDICTS)
    for word, style in STYLES.items():
        text = verdict({"verdict": word, "flags": []})
        assert (text.plain, text.style) == (word, style)


def test_flags_are_told_in_words() -> None:
    text = verdict({"verdict": "inconclusive", "flags": ["constant_answers", "copied_answers"]})
    assert text.plain == "inconclusive (constant answers, copied answers)"


@pytest.fixture
def known(data_dir: Path) -> Path:
    """The registry of tests/related.py, in the settings."""
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    related.fill(database)
    database.close()
    return data_dir


@pytest.mark.usefixtures("known")
def test_relatives_are_named_with_their_words(run: Run) -> None:
    result = run("relatives", "wolf", "-k", "40")
    assert result.exit_code == 0, result.stderr
    rows = {
        line.split()[1]: line for line in result.stdout.splitlines() if line[:2].strip().isdigit()
    }
    assert len(rows) == 4 + related.N_STRANGERS
    for name, (_, word) in related.NEAR.items():
        assert f"  {word}  " in rows[name]
    assert "inconclusive (constant answers)" in rows[related.DEAF]
    assert "  unrelated  " in rows["stranger7"]
    assert "reference 1" in result.stdout
    assert "best witness" not in result.stdout, "there is one protocol only"
    assert "docs/relations.md" in result.stderr


@pytest.mark.usefixtures("known")
def test_two_models_have_one_word(run: Run) -> None:
    for name, (_, word) in related.NEAR.items():
        result = run("compare", "wolf", name)
        assert result.stdout.splitlines()[-1] == f"{word}, by likelihood-v1"


@pytest.mark.usefixtures("filled")
def test_where_protocols_are_several_the_best_is_told(run: Run) -> None:
    result = run("relatives", "child")
    lines = result.stdout.splitlines()
    assert "best witness" in lines[0]
    [founder] = [line for line in lines if line.startswith("1  founder") and "likelihood" in line]
    assert "inconclusive" in founder
