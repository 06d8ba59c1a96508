import json
from pathlib import Path

import pytest

from tests.cli.conftest import Program, Run
from tests.synthetic import FAMILY, PROTOCOL, write_files


@pytest.mark.usefixtures("data_dir")
def test_answers_are_imported_once(run: Run, tmp_path: Path) -> None:
    answers, probes = write_files(tmp_path)
    first = run("import", answers, "--probes", probes)
    assert first.exit_code == 0
    assert f"{len(FAMILY)} added, 0 there already" in first.stdout
    assert PROTOCOL in first.stdout
    again = run("import", answers, "--probes", probes)
    assert f"0 added, {len(FAMILY)} there already" in again.stdout
    next_step = again.stderr.splitlines()[-1].removeprefix("Next: genebank ")
    assert run(*next_step.split()).exit_code == 0


@pytest.mark.usefixtures("data_dir")
def test_the_installed_program_imports_and_answers(program: Program, tmp_path: Path) -> None:
    answers, probes = write_files(tmp_path)
    imported = program("import", answers, "--probes", probes, "--name", "my answers")
    assert imported.returncode == 0, imported.stderr
    relatives = program("relatives", "heron-code", "--json")
    assert relatives.returncode == 0, relatives.stderr
    [ranking] = json.loads(relatives.stdout)["rankings"]
    assert ranking["protocol"]["name"] == "my answers"
    assert ranking["relatives"][0]["model"]["name"] == "beta/heron"


@pytest.mark.usefixtures("data_dir")
def test_vectors_need_no_probes(run: Run, tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.jsonl"
    lines = [{"model": f"m{i}", "vector": [1.0, float(i), 0.5]} for i in range(3)]
    vectors.write_text("\n".join(map(json.dumps, lines)))
    result = run("import", vectors, "--name", "elsewhere")
    assert result.exit_code == 0
    assert "3 added" in result.stdout


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.jsonl"], "missing.jsonl"),
        (["{answers}"], "--probes"),
        (["{answers}", "--probes", "missing.json"], "missing.json"),
        (["{answers}", "--probes", "{answers}"], ""),
        (["{answers}", "--probes", "{probes}", "--server", "http://127.0.0.1:1"], "beside"),
    ],
)
def test_what_cannot_be_imported_is_an_error_of_one_line(
    run: Run, tmp_path: Path, words: list[str], said: str
) -> None:
    answers, probes = write_files(tmp_path)
    result = run("import", *(word.format(answers=answers, probes=probes) for word in words))
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_a_server_in_the_environment_refuses_imports_too(
    run: Run, tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_SERVER", "http://127.0.0.1:1")
    answers, probes = write_files(tmp_path)
    assert run("import", answers, "--probes", probes).exit_code == 2
    assert not data_dir.exists()


@pytest.mark.usefixtures("data_dir")
def test_a_large_tree_is_asked_for(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENEBANK_TREE_AT_ONCE", str(len(FAMILY) - 1))
    answers, probes = write_files(tmp_path)
    imported = run("import", answers, "--probes", probes)
    assert "tree is large and waits for a worker" in imported.stderr
    [job] = json.loads(run("jobs", "--json").stdout)["data"]
    assert (job["kind"], job["protocols"]) == ("tree", [PROTOCOL])
    assert f"all under {PROTOCOL}" in run("jobs").stdout
