"""The verb `export`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.synthetic import FAMILY, LOCAL, PROTOCOL


@pytest.mark.usefixtures("filled")
def test_signatures_are_written(run: Run, tmp_path: Path) -> None:
    result = run("export", tmp_path / "out", "--protocol", PROTOCOL)
    assert result.exit_code == 0, result.stderr
    assert f"{len(FAMILY)} models under protocol {PROTOCOL}" in result.stdout
    assert len(list((tmp_path / "out").glob("*_dna.json"))) == len(FAMILY)


@pytest.mark.usefixtures("filled")
def test_the_format_is_chosen(run: Run, tmp_path: Path) -> None:
    result = run("export", tmp_path / "v.jsonl", "--format", "vectors")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "v.jsonl").read_text().splitlines()]
    assert [line["model"] for line in lines] == list(LOCAL)


@pytest.mark.usefixtures("data_dir")
def test_what_the_paper_s_package_saved_is_imported(run: Run) -> None:
    saved = Path(__file__).parents[1] / "golden" / "llm_dna_1_0_1"
    result = run("import", saved)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("1 added, 0 there already") == 2
    assert run("import", saved, "--probes", saved / "responses.json").exit_code == 2


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{tmp}"], "exists"),
        (["{tmp}/out", "--protocol", "tiny-answer"], PROTOCOL),
        (["{tmp}/out", "--format", "answers", "--protocol", "likelihood-v1"], "answer"),
        (["{tmp}/out", "--server", "http://127.0.0.1:1"], "beside"),
    ],
)
def test_what_cannot_be_exported_is_an_error_of_one_line(
    run: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    result = run("export", *(word.format(tmp=tmp_path) for word in words))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert not list(tmp_path.glob("out*"))
