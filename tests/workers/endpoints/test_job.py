"""Whole jobs over APIs, on both databases."""

import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, lexical_v1, likelihood_v1
from app.errors import NotFoundError, SetupError
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.records import EndpointSettings, JobRecord
from app.services.endpoints import NewEndpoint, add_endpoint
from app.services.model_refs import pin
from app.services.register_model import register_model
from app.services.sealing import Sealer
from app.store import endpoints, entries, jobs, models, protocols
from app.store.database import Database
from tests.registering import NO_HUB, sources
from tests.workers.endpoints.conftest import KEY, Served
from tests.workers.endpoints.faulty import Faulty, Handler, chat, error
from workers.extraction import Extraction, Tools
from workers.llms.transformers_llm import load
from workers.nest import Nest


def few(protocol: Protocol) -> Protocol:
    """A protocol of the first probes of another."""
    return replace(
        protocol, name="few", probe_set=ProbeSet("few", protocol.probe_set.probes[:N_PROBES])
    )


N_PROBES = 12
SCORES, ANSWERS = few(likelihood_v1()), few(lexical_v1())
PRICED = EndpointSettings(input_price=1.0, output_price=2.0)
USAGE = {"prompt_tokens": 10, "completion_tokens": 5}


@pytest.fixture
def tools(database: Database, nest: Nest, config: WorkerConfig) -> Tools:
    return Tools(database, config, nest, Hub(NO_HUB), threading.Event())


def submit(tools: Tools, new: NewEndpoint, model: str, protocol: Protocol) -> JobRecord:
    sealer = Sealer(tools.config.secret_key, tools.config.data_dir)
    with tools.database.write() as session:
        add_endpoint(session, sealer, new)
        protocols.ensure(session, protocol)
    pinned = pin(sources(tools.database), f"endpoint:{new.name}/{model}")
    with tools.database.write() as session:
        register_model(session, pinned, wanted=[protocol.name])
    return claim(tools)


def claim(tools: Tools) -> JobRecord:
    with tools.database.write() as session:
        job = jobs.claim(session, "test", tools.config.lease_s)
    assert job is not None
    return job


def test_a_model_behind_an_api_has_the_strand_of_its_weights(tools: Tools, served: Served) -> None:
    settings = EndpointSettings(likelihoods="echo")
    new = NewEndpoint("acme", served.url, "completions", settings, KEY)
    job = submit(tools, new, "aster-base", SCORES)
    Extraction(tools, job).run()
    with tools.database.read() as session:
        assert jobs.get(session, job.id).state == "succeeded"
        assert jobs.get(session, job.id).usage["completion_tokens"] == N_PROBES
        model = models.get(session, job.model_id)
        entry = entries.get(session, model, SCORES)
        [strand] = entries.strands(session, SCORES, [entry])
        details = entries.details_of(session, [entry])[entry.id]
    assert entry.evidence == "endpoint"
    assert details.environment["answered_as"] == "aster-base-2026"
    weights = load(served.folders["aster-base"], "causal", threads=1)
    probes = SCORES.probe_set.probes
    expected = [weights.score([probe], scored_words=10)[0] for probe in probes]
    np.testing.assert_allclose(strand, expected, atol=1e-4)


def prompt_of(handler: Handler) -> str:
    return str(handler.asked.body["messages"][0]["content"])


def test_no_answer_is_paid_for_twice(tools: Tools, faulty: Faulty) -> None:
    paid: Counter[str] = Counter()
    funds = threading.Semaphore(5)

    def sell(handler: Handler) -> None:
        if not funds.acquire(blocking=False):
            handler.reply(402, error("no funds"))
            return
        paid[prompt_of(handler)] += 1
        handler.reply(200, chat(f"About {prompt_of(handler)}", usage=USAGE))

    faulty.usual = sell
    new = NewEndpoint("acme", faulty.url, "chat", replace(PRICED, concurrency=1), KEY)
    job = submit(tools, new, "m", ANSWERS)
    with pytest.raises(SetupError) as raised:
        Extraction(tools, job).run()
    assert raised.value.code == "endpoint_unavailable"
    with tools.database.write() as session:
        assert len(jobs.checkpoints(session, job.id)) == 5
        jobs.release(session, job)
    funds.release(1000)
    Extraction(tools, claim(tools)).run()
    assert set(paid.values()) == {1}
    assert len(paid) == N_PROBES
    with tools.database.read() as session:
        finished = jobs.get(session, job.id)
        entry = entries.get(session, models.get(session, job.model_id), ANSWERS)
        answers = entries.responses(session, entry)
    assert (finished.state, finished.done, finished.total) == ("succeeded", N_PROBES, N_PROBES)
    assert finished.usage == {
        "prompt_tokens": 10 * N_PROBES,
        "completion_tokens": 5 * N_PROBES,
        "cost": pytest.approx((10 + 2 * 5) * N_PROBES / 1e6),
    }
    assert answers == [f"About {probe}" for probe in ANSWERS.probe_set.probes]


def test_an_endpoint_may_be_gone_or_its_secret_another(
    tools: Tools, faulty: Faulty, tmp_path: Path
) -> None:
    job = submit(tools, NewEndpoint("acme", faulty.url, "chat", PRICED, KEY), "m", ANSWERS)
    moved = replace(tools, config=replace(tools.config, data_dir=tmp_path / "elsewhere"))
    with pytest.raises(SetupError) as unseal:
        Extraction(moved, job).run()
    assert unseal.value.code == "cannot_unseal"
    with tools.database.write() as session:
        endpoints.remove(session, "acme")
    with pytest.raises(NotFoundError) as gone:
        Extraction(tools, job).run()
    assert gone.value.code == "no_such_endpoint"
    assert faulty.asked == []
