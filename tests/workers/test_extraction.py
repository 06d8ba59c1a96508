"""Extraction, with real models in real processes, on both databases."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, defaults, lexical_sampled_v1, sampled
from app.errors import GenebankError, ModelError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.records import JobRecord
from app.store import entries, jobs, models, protocols
from app.store.database import Database
from tests.registering import NO_HUB, register_local
from tests.tiny_model import write_model
from workers.extraction import LEFT_OUT, Extraction, Tools
from workers.lease import CancelledError, StoppingError
from workers.nest import Nest
from workers.supervision import ChildFaultError


@pytest.fixture
def tools(database: Database, nest: Nest, config: WorkerConfig) -> Tools:
    return Tools(database, config, nest, Hub(NO_HUB), threading.Event())


def submit(tools: Tools, directory: Path, names: list[str] | None = None) -> JobRecord:
    register_local(tools.database, directory, wanted=names)
    with tools.database.write() as session:
        job = jobs.claim(session, "test", tools.config.lease_s)
    assert job is not None
    return job


def job_now(tools: Tools, job: JobRecord) -> JobRecord:
    with tools.database.read() as session:
        return jobs.get(session, job.id)


def strands_of(tools: Tools, job: JobRecord) -> list[bytes]:
    """The strands that a job was to make, after checking that their entries are whole."""
    with tools.database.read() as session:
        model = models.get(session, job.model_id)
        found = []
        for digest in job.protocols:
            protocol = protocols.get(session, digest)
            entry = entries.get(session, model, protocol)
            assert len(entries.responses(session, entry)) == protocol.n_probes
            found.append(entries.strands(session, protocol, [entry]).tobytes())
        return found


def nothing_is_left(tools: Tools) -> None:
    with tools.database.read() as session:
        for protocol in defaults():
            assert entries.count(session, protocol.digest) == 0
    assert not list((tools.config.data_dir / "jobs").iterdir())


def test_a_model_gets_both_entries(tools: Tools, tmp_path: Path) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1))
    extraction = Extraction(tools, job)
    extraction.run()
    assert job_now(tools, job).state == "succeeded"
    likelihoods, answers = strands_of(tools, job)
    assert np.isfinite(np.frombuffer(likelihoods, "<f4")).all()
    assert np.frombuffer(answers, "<f2").any()
    assert {"load", "score", "answer", "encode", "store"} <= set(extraction.seconds)
    with tools.database.read() as session:
        model = models.get(session, job.model_id)
        entry = entries.of_model(session, model)[0]
        details = entries.details_of(session, [entry])[entry.id]
    assert entry.evidence == "weights"
    assert details.environment["confinement"] == "seccomp"
    assert details.environment["dtype"] == "float32"
    assert model.details["model_type"] == "llama"
    assert not list((tools.config.data_dir / "jobs").iterdir())


def test_a_copy_is_recognised_and_not_asked_again(tools: Tools, tmp_path: Path) -> None:
    original = write_model(tmp_path / "models" / "one", seed=1)
    first = submit(tools, original)
    Extraction(tools, first).run()
    shutil.copytree(original, tmp_path / "models" / "two")
    second = submit(tools, tmp_path / "models" / "two")
    extraction = Extraction(tools, second)
    extraction.run()
    assert job_now(tools, second).state == "succeeded"
    assert "load" not in extraction.seconds
    assert strands_of(tools, first) == strands_of(tools, second)
    with tools.database.read() as session:
        assert entries.count(session, defaults()[0].digest) == 1


def break_config(directory: Path) -> None:
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "x.Y"}}))


def only_pickle(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory / "pytorch_model.bin")


def borrow_weights(directory: Path) -> None:
    (directory / "model.safetensors").rename(directory.parent / "other.safetensors")
    index = {"weight_map": {"model.norm.weight": "../other.safetensors"}}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index))


def truncate(directory: Path) -> None:
    os.truncate(directory / "model.safetensors", 1000)


def drop_config(directory: Path) -> None:
    (directory / "config.json").unlink()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (drop_config, "not_a_model"),
        (only_pickle, "pickle_only"),
        (break_config, "config_refused"),
        (borrow_weights, "index_outside_folder"),
        (truncate, "bad_safetensors"),
    ],
)
def test_a_bad_model_is_refused_with_its_code_and_leaves_nothing(
    tools: Tools, tmp_path: Path, harm: Callable[[Path], None], code: str
) -> None:
    directory = write_model(tmp_path / "models" / "one", seed=1)
    harm(directory)
    with pytest.raises(ModelError) as raised:
        Extraction(tools, submit(tools, directory)).run()
    assert raised.value.code == code
    nothing_is_left(tools)


def test_files_that_changed_after_registration_are_refused(tools: Tools, tmp_path: Path) -> None:
    directory = write_model(tmp_path / "models" / "one", seed=1)
    job = submit(tools, directory)
    os.utime(directory / "config.json", (1, 1))
    with pytest.raises(ModelError, match="changed_since_registered"):
        Extraction(tools, job).run()
    nothing_is_left(tools)


@pytest.mark.parametrize(
    ("bound", "code"),
    [({"job_memory_mb": 1}, "out_of_memory"), ({"job_timeout_s": 0.01}, "timed_out")],
)
def test_a_process_that_takes_too_much_is_ended(
    tools: Tools, tmp_path: Path, bound: dict[str, float], code: str
) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1))
    tight = replace(tools, config=replace(tools.config, **bound))  # type: ignore[arg-type]
    with pytest.raises(ChildFaultError) as raised:
        Extraction(tight, job).run()
    assert raised.value.code == code
    nothing_is_left(tools)


@pytest.mark.parametrize("names", [None, ["likelihood-v1", "lexical-v1"]], ids=["default", "named"])
def test_weights_that_do_not_fit_are_streamed_and_text_is_left_out_unless_named(
    tools: Tools, tmp_path: Path, names: list[str] | None
) -> None:
    whole = submit(tools, write_model(tmp_path / "models" / "one", seed=1))
    Extraction(tools, whole).run()
    config = tmp_path / "models" / "one" / "config.json"
    other = write_model(tmp_path / "models" / "two", seed=1)
    # Other content, so that it is no copy; the same weights.
    (other / "config.json").write_text(config.read_text().replace("{", '{"comment": 2,', 1))
    # What is left beside the process itself holds no weights at all.
    tight = replace(tools, config=replace(tools.config, job_memory_mb=500))
    streamed = submit(tools, other, names)
    Extraction(tight, streamed).run()
    with tools.database.read() as session:
        entry, *more = entries.of_model(session, models.get(session, streamed.model_id))
        [strand] = entries.strands(session, defaults()[0], [entry])
        details = entries.details_of(session, [entry])[entry.id]
    assert strand.tobytes() == strands_of(tools, whole)[0]
    assert bool(more) == bool(names)
    assert details.notes == (() if names else (LEFT_OUT,))


class Interrupted(Extraction):
    """Stops after a batch, as a worker that is shut down does."""

    def _keep(self, batch):  # type: ignore[no-untyped-def]
        super()._keep(batch)
        raise StoppingError


def few_draws(name: str, seed: int) -> Protocol:
    """A protocol of a few short answers that are drawn."""
    return replace(
        lexical_sampled_v1(),
        name=name,
        probe_set=ProbeSet(name, ("Say why.", "Say how it is done.", "Go on.")),
        generation=sampled(8, temperature="1.5", top_p="0.9", draws=2, seed=seed),
    )


@pytest.mark.parametrize("names", [None, ["few-a", "few-b"]], ids=["defaults", "sampled"])
def test_an_interrupted_job_goes_on_and_ends_with_the_same_bytes(
    tools: Tools, tmp_path: Path, names: list[str] | None
) -> None:
    directory = write_model(tmp_path / "models" / "one", seed=1)
    with tools.database.write() as session:
        for number, name in enumerate(names or []):
            protocols.ensure(session, few_draws(name, number))
    job = submit(tools, directory, names)
    with pytest.raises(StoppingError):
        Interrupted(tools, job).run()
    with tools.database.write() as session:
        kept = list(jobs.checkpoints(session, job.id))
        jobs.release(session, job)
        again = jobs.claim(session, "test", 60.0)
    assert len(kept) == 1
    assert again is not None
    asked: list[tuple[str, int]] = []

    class Counting(Extraction):
        def _keep(self, batch):  # type: ignore[no-untyped-def]
            asked.append((batch.protocol, batch.batch))
            super()._keep(batch)

    Counting(tools, again).run()
    assert asked
    assert not set(asked) & set(kept)
    finished = job_now(tools, job)
    assert (finished.done, finished.total) == (1 + len(asked), 1 + len(asked))
    resumed = strands_of(tools, job)

    # The same weights elsewhere would be a copy: compare with a model that differs in a comment.
    config = json.loads((directory / "config.json").read_text())
    other = tmp_path / "models" / "two"
    shutil.copytree(directory, other)
    (other / "config.json").write_text(json.dumps(config | {"comment": "two"}))
    whole = submit(tools, other, names)
    Extraction(tools, whole).run()
    assert strands_of(tools, whole) == resumed


def test_a_cancelled_job_stops(tools: Tools, tmp_path: Path) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1))
    with tools.database.write() as session:
        assert jobs.cancel(session, job.id).cancel_requested
    with pytest.raises(CancelledError):
        Extraction(tools, job).run()
    nothing_is_left(tools)


def test_whoever_lost_the_lease_writes_nothing(tools: Tools, tmp_path: Path) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1))
    with tools.database.write() as session:
        jobs.release(session, job)
        thief = jobs.claim(session, "thief", 60.0)
    assert thief is not None
    with pytest.raises(GenebankError, match="lease_lost"):
        Extraction(tools, job).run()
    nothing_is_left(tools)
    Extraction(tools, thief).run()
    assert job_now(tools, job).state == "succeeded"
