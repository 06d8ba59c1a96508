"""The verb `protocol paper`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def encoder(data_dir: Path) -> Path:
    folder = data_dir / "encoders" / "minilm"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_text("weights")
    return folder


@pytest.mark.usefixtures("encoder")
def test_the_protocol_is_there_afterwards(run: Run) -> None:
    made = run("protocol", "paper", "minilm", "--name", "mine", "--max-new-tokens", "64")
    assert made.exit_code == 0, made.stderr
    shown = json.loads(run("protocol", "show", "mine", "--json").stdout)
    assert made.stdout.split() == ["mine", shown["digest"]]
    assert shown["dna"]["size"] == 128
    assert shown["generation"]["max_new_tokens"] == 64
    assert run("protocol", "paper", "minilm", "--max-new-tokens", "64").stdout == made.stdout


@pytest.mark.usefixtures("encoder")
def test_probes_may_be_ones_own(run: Run, tmp_path: Path) -> None:
    probes = tmp_path / "probes.json"
    probes.write_text(json.dumps({"name": "two", "probes": ["a", "b"]}))
    result = run("protocol", "paper", "minilm", "--probes", probes)
    assert result.exit_code == 0, result.stderr
    shown = json.loads(run("protocol", "show", "text-dna-concat-v1", "--json").stdout)
    assert shown["probes"] == ["a", "b"]


@pytest.mark.usefixtures("encoder")
@pytest.mark.parametrize(
    ("words", "said"),
    [(["minilmm"], "minilm"), (["minilm", "--probes", "missing.json"], "missing.json")],
)
def test_what_cannot_be_made_is_an_error_of_a_line_or_two(
    run: Run, words: list[str], said: str
) -> None:
    result = run("protocol", "paper", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
