import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Program, Run
from tests.cli.processes import PROGRAM
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
def test_duplicates_are_reported(run: Run, tmp_path: Path) -> None:
    answers, probes = write_files(tmp_path)
    report = tmp_path / "report.jsonl"
    for count in (0, len(FAMILY)):
        result = run("import", answers, "--probes", probes, "--report", report)
        assert result.exit_code == 0, result.stderr
        listed = [json.loads(line) for line in report.read_text().splitlines()]
        assert len(listed) == count
    assert listed == [{"model": label, "protocol": PROTOCOL} for label in FAMILY]
    refused = run("import", answers, "--probes", probes, "--report", tmp_path / "no" / "report")
    assert refused.exit_code == 2
    assert "cannot be written" in refused.stderr


@pytest.mark.usefixtures("data_dir")
def test_a_registry_goes_from_one_program_to_another(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, probes = write_files(tmp_path)
    assert program("import", answers, "--probes", probes).returncode == 0
    exported = program("export", "-", "--format", "registry")
    assert exported.returncode == 0, exported.stderr
    assert f"{len(FAMILY)} models and {len(FAMILY)} entries" in exported.stderr
    assert program("export", tmp_path / "all.jsonl.gz", "--format", "registry").returncode == 0
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(tmp_path / "other"))
    command = [PROGRAM, "import", "-"]
    for count in (f"{len(FAMILY)} added", "0 added"):
        imported = subprocess.run(
            command, input=exported.stdout, capture_output=True, text=True, check=False
        )
        assert imported.returncode == 0, imported.stderr
        assert count in imported.stdout
    again = program("import", tmp_path / "all.jsonl.gz")
    assert f"0 added, {len(FAMILY)} there already" in again.stdout
    refused = program("import", tmp_path / "all.jsonl.gz", "--name", "mine")
    assert refused.returncode == 2


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
