"""`genebank evaluate`: files in any order, a table for people, JSON for machines."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Program, Run
from tests.evaluation.making import write_answers
from tests.synthetic import FAMILY, PROTOCOL

SIZES = [3] * 20
Files = tuple[Path, Path, Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_answers(tmp_path, SIZES)


@pytest.mark.usefixtures("data_dir")
def test_figures_are_json_and_the_files_may_stand_in_any_order(run: Run, files: Files) -> None:
    lineage, answers, probes = files
    ways = [
        [lineage, "--answers", answers, "--probes", probes],
        [probes, answers, lineage],
        ["--lineage", lineage, "--probes", probes, answers],
    ]
    reports = []
    for way in ways:
        result = run("evaluate", *way, "--json", "--bootstrap", 20)
        assert (result.exit_code, result.stderr) == (0, "")
        reports.append(json.loads(result.stdout))
        assert reports[-1].pop("seconds") > 0
    assert reports[0] == reports[1] == reports[2]
    report = reports[0]
    assert report["n_models"] == 60
    assert report["same_base"] == {
        "pairs": 60,
        "auc": 1.0,
        "tpr_at_1pct": 1.0,
        "tpr_at_0.1pct": 1.0,
    }
    assert set(report["p_value_calibration"]) == {"0.01", "0.05"}
    assert report["confidence"]["same_base"]["auc"] == [1.0, 1.0]
    assert report["quartets"] == {"direct": 1.0, "same_base": 1.0}
    assert report["confidence"]["quartets"] == {"direct": [1.0, 1.0], "same_base": [1.0, 1.0]}
    assert report["n_quartets"]["same_base"] == 9 * 190
    assert report["protocol"]["name"] == "made"


@pytest.mark.usefixtures("data_dir")
def test_nothing_enters_the_registry(run: Run, files: Files, data_dir: Path) -> None:
    assert run("evaluate", *files, "--bootstrap", 0).exit_code == 0
    assert not data_dir.exists()


@pytest.mark.usefixtures("data_dir")
def test_people_get_tables_and_hear_what_was_left_out(run: Run, files: Files) -> None:
    files[0].write_text(files[0].read_text() + "ghost\taa-7b\t\n")
    result = run("evaluate", *files, "--bootstrap", 20, "--seed", 3, "--folds", 5)
    assert result.exit_code == 0
    assert "Left out: 1 model unknown: ghost" in result.stderr
    assert "made: 60 models, 60 of known base" in result.stdout
    assert "same base" in result.stdout
    assert "1.000 (1.000 to 1.000)" in result.stdout
    assert "in 5 folds" in result.stdout
    assert "quartets of the tree that are right, direct" in result.stdout


@pytest.mark.usefixtures("filled")
def test_a_protocol_of_the_registry_is_evaluated(run: Run, tmp_path: Path) -> None:
    lineage = tmp_path / "lineage.tsv"
    lines = [f"{name}\t{name.split('/')[1][:4]}\t{parent or ''}" for name, parent in FAMILY.items()]
    lineage.write_text("model\tbase\tparent\n" + "\n".join(lines))
    result = run("evaluate", lineage, "--protocol", PROTOCOL, "--bootstrap", 20)
    assert result.exit_code == 0, result.stderr
    assert "6 models, 6 of known base, 8 unrelated pairs" in result.stdout
    assert "without p-values" in result.stdout


@pytest.mark.usefixtures("data_dir")
def test_the_installed_program_evaluates(program: Program, files: Files) -> None:
    result = program("evaluate", *files, "--bootstrap", "5", "--json")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["same_base"]["auc"] == 1


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name the lineage"),
        (["{answers}", "{probes}"], "Name the lineage"),
        (["{lineage}"], "--protocol NAME"),
        (["{lineage}", "{probes}"], "--protocol NAME"),
        (["{lineage}", "{answers}"], "--probes FILE"),
        (["{lineage}", "{answers}", "--answers", "{answers}"], "would be the answers"),
        (["{lineage}", "{lineage}"], "would be the lineage"),
        (["{lineage}", "{answers}", "--protocol", "made"], "either"),
        (["{lineage}", "--protocol", "made"], "No protocol is named 'made'"),
        (["{lineage}", "--protocol", "made", "--server", "http://127.0.0.1:1"], "--server"),
        (["{answers}x", "{answers}", "{probes}"], "cannot be read"),
        (["{lineage}", "{answers}", "{probes}", "--reference", "none.tsv"], "none.tsv"),
        (["{lineage}", "{answers}", "{probes}", "--folds", "2"], "--folds"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    run: Run, files: Files, words: list[str], said: str
) -> None:
    named = dict(zip(("lineage", "answers", "probes"), files, strict=True))
    result = run("evaluate", *(word.format(**named) for word in words))
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
