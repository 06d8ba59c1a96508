"""The verb `protocol rank-probes`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.evaluation.making import N_PROBES, made_protocol, write_answers
from tests.synthetic import PROTOCOL

Files = tuple[Path, Path, Path]
VERB = ("protocol", "rank-probes")

pytestmark = pytest.mark.usefixtures("data_dir")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return write_answers(tmp_path, [3] * 20)


def test_people_get_a_table_and_a_curve(run: Run, files: Files) -> None:
    result = run(*VERB, *files, "--bootstrap", 10, "--limit", 3)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "8 probes, ranked by 60 direct pairs" in result.stdout
    ranks = [line.split()[0] for line in result.stdout.splitlines() if " probe " in line]
    assert ranks[-3:] == ["1", "2", "3"]
    assert "█" in result.stdout
    assert "Enough: " in result.stdout


def test_machines_get_json_and_the_files_may_stand_in_any_order(run: Run, files: Files) -> None:
    reports = []
    for order in (files, files[::-1]):
        result = run(*VERB, *order, "--bootstrap", 10, "--json")
        assert (result.exit_code, result.stderr) == (0, "")
        reports.append(json.loads(result.stdout))
        assert reports[-1].pop("seconds") > 0
    assert reports[0] == reports[1]
    assert len(reports[0]["probes"]) == N_PROBES


@pytest.mark.parametrize(("first", "n_probes"), [([], None), (["--first", 2], 2)])
def test_the_best_probes_are_written(
    run: Run, files: Files, tmp_path: Path, first: list[object], n_probes: int | None
) -> None:
    best = tmp_path / "best.json"
    result = run(*VERB, *files, "--bootstrap", 0, "--json", "--out", best, *first)
    assert result.exit_code == 0, result.stderr
    report, written = json.loads(result.stdout), json.loads(best.read_text())
    wanted = n_probes or report["enough"]
    assert written["probes"] == [probe["text"] for probe in report["probes"][:wanted]]
    assert str(best) in result.stderr
    again = run(*VERB, *files, "--out", best)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists" in again.stderr


def test_what_was_imported_is_ranked_by_its_protocol(run: Run, files: Files) -> None:
    lineage, answers, probes = files
    assert run("import", answers, "--probes", probes).exit_code == 0
    options = ("--protocol", made_protocol().name, "--bootstrap", 0, "--json")
    result = run(*VERB, lineage, *options)
    assert result.exit_code == 0, result.stderr
    of_files = json.loads(run(*VERB, *files, "--bootstrap", 0, "--json").stdout)
    assert json.loads(result.stdout)["probes"] == of_files["probes"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["{lineage}"], "--protocol"),
        ([], "lineage"),
        (["{lineage}", "{answers}", "{probes}", "--protocol", "made"], "either"),
        (["{lineage}", "--protocol", "made", "--server", "http://127.0.0.1:1"], "beside"),
        (["{lineage}", "--protocol", PROTOCOL], PROTOCOL),
        (["missing.tsv", "{answers}", "{probes}"], "missing.tsv"),
        (["{lineage}", "{answers}", "{probes}", "--out", "missing/best.json"], "missing/best.json"),
    ],
)
def test_what_cannot_be_ranked_is_an_error_of_a_line_or_two(
    run: Run, files: Files, words: list[str], said: str
) -> None:
    named = dict(zip(("lineage", "answers", "probes"), files, strict=True))
    result = run(*VERB, *(word.format(**named) for word in words), "--bootstrap", "0")
    assert result.exit_code == 2
    assert said in result.stderr
