import json
import signal
from pathlib import Path

import pytest

from tests.cli import processes
from tests.cli.conftest import Program, Run
from tests.tiny_model import write_model


@pytest.mark.usefixtures("data_dir")
def test_models_are_fingerprinted_and_failures_are_told(
    program: Program, run: Run, tmp_path: Path
) -> None:
    good = write_model(tmp_path / "models" / "[red]tiny", seed=0)
    bad = tmp_path / "models" / "empty"
    bad.mkdir()
    result = program("fingerprint", good, bad)
    assert result.returncode == 2, result.stderr
    rows = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert "succeeded" in rows["[red]tiny"], result.stdout
    assert "failed" in rows["empty"]
    assert "not_a_model" in rows["empty"]
    assert "[red]tiny: succeeded" in result.stderr
    again = run("fingerprint", good)
    assert again.exit_code == 0, again.stdout
    compared = json.loads(run("compare", "[red]tiny", "[red]tiny", "--json").stdout)
    assert all(score["identical"] for score in compared["scores"])
    assert len(compared["scores"]) == 2


@pytest.mark.usefixtures("data_dir")
def test_without_waiting_the_job_is_only_queued(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    result = run("fingerprint", model, "--no-wait", "--json")
    assert result.exit_code == 0, result.stderr
    [job] = json.loads(result.stdout)["data"]
    assert job["state"] == "queued"
    assert "genebank serve" in result.stderr
    [listed] = json.loads(run("jobs", "--state", "queued", "--json").stdout)["data"]
    assert listed["id"] == job["id"]


@pytest.mark.usefixtures("data_dir")
def test_one_model_named_twice_is_one_job(run: Run, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    result = run("fingerprint", model, f"local:{model}", "--no-wait", "--json")
    assert len(json.loads(result.stdout)["data"]) == 1


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("/no/such/folder", "/no/such/folder"),
        ("org/name", "org/name"),
        ("hf:org/name", "local"),
        ("local:/no/such/folder", "directory"),
    ],
)
def test_what_cannot_be_fingerprinted_is_refused(
    run: Run, data_dir: Path, model: str, said: str
) -> None:
    result = run("fingerprint", model)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert said in result.stderr


def test_a_service_refuses_folders_that_its_operator_did_not_allow(
    run: Run, server_url: str, tmp_path: Path
) -> None:
    result = run("fingerprint", tmp_path, "--server", server_url)
    assert result.exit_code == 2
    assert "GENEBANK_LOCAL_ROOTS" in result.stderr


@pytest.mark.usefixtures("data_dir")
def test_an_interrupted_job_stays_in_the_queue(run: Run, tmp_path: Path) -> None:
    process = processes.start(
        processes.PROGRAM, "fingerprint", write_model(tmp_path / "model", seed=0)
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "model: queued\n"
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert "Nothing is lost" in errors
    assert "Traceback" not in errors
    [job] = json.loads(run("jobs", "--json").stdout)["data"]
    assert job["state"] == "queued"
