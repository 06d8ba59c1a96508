import json
import signal
from pathlib import Path

import pytest

from tests.cli import processes
from tests.cli.conftest import Program, Run
from tests.hub.server import Hub
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
        ("./org/name", "no model of the hub"),
        ("name", "hf:gpt2"),
        ("org/name", "The hub shows no model org/name"),
        ("hf:name", "The hub shows no model name"),
        ("acme/tiny@v9", "revision"),
        ("local:/no/such/folder", "directory"),
        ("endpoint:nowhere/model", "genebank endpoint add"),
    ],
)
@pytest.mark.usefixtures("data_dir")
def test_what_cannot_be_fingerprinted_is_refused(
    run: Run, hub: Hub, tmp_path: Path, model: str, said: str
) -> None:
    hub.publish("acme/tiny", hub_folder(tmp_path))
    result = run("fingerprint", model)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")
    assert said in result.stderr


@pytest.mark.usefixtures("data_dir")
def test_names_on_the_hub_need_no_source(
    run: Run, hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.publish("acme/tiny", hub_folder(tmp_path))
    words = ("fingerprint", "acme/tiny", "hf:acme/tiny", "acme/tiny@main", "--no-wait", "--json")
    [job] = json.loads(run(*words).stdout)["data"]
    assert job["model"]["name"] == "acme/tiny"
    (tmp_path / "acme" / "tiny").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    [local] = json.loads(run("fingerprint", "acme/tiny", "--no-wait", "--json").stdout)["data"]
    assert local["model"]["name"] == "tiny", "a directory that exists goes first"


@pytest.mark.usefixtures("data_dir")
def test_protocols_and_replicates_are_handed_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    chosen = ("--protocol", "lexical-sampled-v1", "--protocol", "likelihood-v1")
    result = run(
        "fingerprint", tmp_path / "model", *chosen, "--replicates", "2", "--no-wait", "--json"
    )
    jobs = json.loads(result.stdout)["data"]
    assert [job["replicate"] for job in jobs] == [None, 1, 2]
    assert {tuple(job["protocols"]) for job in jobs} == {("lexical-sampled-v1", "likelihood-v1")}
    listed = run("jobs").stdout
    assert [word in listed for word in ("entry", "replicate 1", "replicate 2")] == [True] * 3
    for words in (("--replicates", "-1"), ("--replicates", "21"), ("--protocol", "lexical")):
        refused = run("fingerprint", tmp_path / "model", *words, "--no-wait")
        assert (refused.exit_code, refused.stdout) == (2, "")


@pytest.mark.usefixtures("data_dir")
def test_a_model_that_was_asked_again_knows_its_noise(
    program: Program, run: Run, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "one", seed=0)
    result = program("fingerprint", model, "--replicates", "2", "--protocol", "likelihood-v1")
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("succeeded") == 3
    assert "one, replicate 2: succeeded" in result.stderr
    ranked = run("relatives", "one").stdout
    assert "asked 3 times, one scores 1.000 (lowest 1.000) with itself" in ranked
    compared = run("compare", "one", "one").stdout.splitlines()
    assert "≈" in compared[2]
    assert sum("asked 3 times" in line for line in compared) == 1


def hub_folder(tmp_path: Path) -> Path:
    """A directory whose files a hub may list as a model's."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text("{}")
    return folder


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
