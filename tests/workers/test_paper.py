"""A model under the paper's protocol: one process answers, another embeds the answers."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from app.dna.paper import reduce
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import Protocol, greedy
from app.errors import SetupError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.records import JobRecord
from app.services.import_file import Method, import_file
from app.services.model_refs import pin
from app.services.paper_protocol import paper_protocol
from app.services.register_model import register_model
from app.store import entries, jobs, models, protocols, schema
from app.store.database import Database
from tests import minilm
from tests.registering import NO_HUB, sources
from tests.tiny_model import write_model
from workers.encoding import embed
from workers.extraction import Extraction, Tools
from workers.nest import Nest

PROBES = ProbeSet("three", ("Say hello.", "Count to three.", "Name a bird."))


@pytest.fixture
def tools(sqlite_url: str, nest: Nest, config: WorkerConfig) -> Iterator[Tools]:
    minilm.put_into(config.encoders_dir)
    database = Database(sqlite_url)
    schema.upgrade(database)
    yield Tools(database, config, nest, Hub(NO_HUB), threading.Event())
    database.close()


@pytest.fixture
def protocol(tools: Tools) -> Protocol:
    made = paper_protocol((tools.config.encoders_dir, minilm.NAME), PROBES, greedy(8))
    return tools.database.transact(partial(protocols.ensure, protocol=made))


def submit(tools: Tools, directory: Path, protocol: Protocol) -> JobRecord:
    pinned = pin(sources(tools.database, directory.parent), f"local:{directory}")
    with tools.database.write() as session:
        register_model(session, pinned, (), [protocol.name])
        job = jobs.claim(session, "test", tools.config.lease_s)
    assert job is not None
    return job


def test_a_model_gets_the_papers_dna(tools: Tools, tmp_path: Path, protocol: Protocol) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1), protocol)
    Extraction(tools, job).run()
    with tools.database.read() as session:
        entry = entries.get(session, models.get(session, job.model_id), protocol)
        answers = [str(answer) for answer in entries.responses(session, entry)]
        strand = entries.strands(session, protocol, [entry])
        dna = entries.dna(session, entry)
    assert any(answers)
    (tmp_path / "again").mkdir()
    raw = embed(tools.nest, tmp_path / "again", tools.config, protocol, lambda: None, answers)
    assert np.allclose(strand[0], reduce(raw, protocol), atol=1e-6)
    assert np.allclose(dna, project(strand, protocol)[0], atol=1e-6)
    assert dna.shape == (128,)
    assert not list((tools.config.data_dir / "jobs").iterdir())


def test_an_encoder_that_went_missing_gives_the_job_back(
    tools: Tools, tmp_path: Path, protocol: Protocol
) -> None:
    job = submit(tools, write_model(tmp_path / "models" / "one", seed=1), protocol)
    (tools.config.encoders_dir / minilm.NAME).unlink()
    with pytest.raises(SetupError, match="no_such_encoder"):
        Extraction(tools, job).run()
    with tools.database.read() as session:
        assert entries.count(session, protocol.digest) == 0
        assert jobs.checkpoints(session, job.id)


def test_answers_that_are_handed_in_are_embedded_by_a_worker(tools: Tools, tmp_path: Path) -> None:
    probes, answers = tmp_path / "probes.json", tmp_path / "answers.jsonl"
    probes.write_text(json.dumps({"name": PROBES.name, "probes": PROBES.probes}))
    said = {"wolf": ["Hello.", "", "Heron."], "heron": ["One, two, three.", "x", "y"]}
    lines = (json.dumps({"model": model, "answers": texts}) for model, texts in said.items())
    answers.write_text("\n".join(lines))
    method = Method(probes, encoder=(tools.config.encoders_dir, minilm.NAME))
    imported = import_file(tools.database, answers, method, lambda *_: None)
    again = import_file(tools.database, answers, method, lambda *_: None)
    assert (imported.added, again.added, again.duplicates) == (2, 0, 2)
    for _ in said:
        with tools.database.write() as session:
            job = jobs.claim(session, "test", tools.config.lease_s)
        assert job is not None
        Extraction(tools, job).run()
    (tmp_path / "again").mkdir()
    for model, texts in said.items():
        with tools.database.read() as session:
            entry = entries.get(session, models.find(session, model), imported.protocol)
            [strand] = entries.strands(session, imported.protocol, [entry])
            assert entries.responses(session, entry) == texts
        assert entry.evidence == "reported"
        raw = embed(
            tools.nest, tmp_path / "again", tools.config, imported.protocol, lambda: None, texts
        )
        assert np.allclose(strand, reduce(raw, imported.protocol), atol=1e-6)
