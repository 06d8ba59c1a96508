"""Models of a hub through the whole job: download, check, ask, store; on both databases."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import NotFoundError, SetupError
from app.hub.client import Hub as Client
from app.queue import WorkerConfig
from app.records import JobRecord
from app.services.model_refs import pin
from app.services.register_model import register_model
from app.store import entries, jobs, models
from app.store.database import Database
from tests.hub.server import Hub
from tests.registering import register_local, sources
from tests.tiny_model import write_model
from tests.workers.adapters import write_adapter
from workers import folders
from workers.extraction import Extraction, Tools
from workers.lease import StoppingError
from workers.nest import Nest


@pytest.fixture
def tools(database: Database, nest: Nest, config: WorkerConfig, hub: Hub) -> Tools:
    return Tools(database, config, nest, Client(hub.url, ""), threading.Event())


def submit(tools: Tools, hub: Hub, ref: str) -> JobRecord:
    pinned = pin(sources(tools.database, hub=hub.url), ref)
    with tools.database.write() as session:
        register_model(session, pinned)
        job = jobs.claim(session, "test", 60.0)
    assert job is not None
    return job


def test_a_hub_model_is_the_copy_of_the_same_files_here(
    tools: Tools, hub: Hub, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "models" / "one", seed=1)
    commit = hub.publish("org/one", folder, cardData={"base_model": "org/base"})
    job = submit(tools, hub, "org/one")
    Extraction(tools, job).run()
    here = register_local(tools.database, folder)
    with tools.database.write() as session:
        again = jobs.claim(session, "test", 60.0)
    assert again is not None
    Extraction(tools, again).run()
    with tools.database.read() as session:
        model = models.get(session, job.model_id)
        assert str(model.ref) == f"hf:org/one@{commit}"
        claims = {(claim.kind, claim.value) for claim in models.claims_of(session, model.id)}
        found = entries.of_model(session, model)
        assert entries.of_model(session, models.get(session, here.model.id)) == found
    assert ("declared_base", "org/base") in claims
    assert len(found) == 2
    folders.sweep(tools.database, tools.config.data_dir)
    assert not list((tools.config.data_dir / "downloads").iterdir())


def test_a_download_that_was_broken_off_goes_on(tools: Tools, hub: Hub, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "models" / "one", seed=1)
    hub.publish("org/one", folder)
    job = submit(tools, hub, "hf:org/one")
    hub.fail("model.safetensors", hold_after=5_000)

    class Stopping(Extraction):
        def _downloaded(self, done: int, total: int) -> None:
            super()._downloaded(done, total)
            if hub.gets("model.safetensors") and done >= total - 10_000:
                raise StoppingError

    with pytest.raises(StoppingError):
        Stopping(tools, job).run()
    with tools.database.write() as session:
        jobs.release(session, job)
    folders.sweep(tools.database, tools.config.data_dir)
    with tools.database.write() as session:
        again = jobs.claim(session, "test", 60.0)
    assert again is not None
    Extraction(tools, again).run()
    with tools.database.read() as session:
        assert jobs.get(session, job.id).state == "succeeded"
    last = hub.gets("model.safetensors")[-1]
    assert "Range" in last.headers


def test_an_adapter_is_another_model_than_its_base(tools: Tools, hub: Hub, tmp_path: Path) -> None:
    base = hub.publish("org/base", write_model(tmp_path / "base", seed=1))
    hub.publish("org/tuned", write_adapter(tmp_path / "tuned", base_model_name_or_path="org/base"))
    jobs_done = [submit(tools, hub, ref) for ref in ("org/base", "org/tuned")]
    for job in jobs_done:
        Extraction(tools, job).run()
    with tools.database.read() as session:
        whole, tuned = (models.get(session, job.model_id) for job in jobs_done)
        of_base, of_tuned = (entries.of_model(session, model) for model in (whole, tuned))
    assert tuned.digest != whole.digest
    assert len(of_base) == len(of_tuned) == 2
    assert tuned.details["base"] == f"hf:org/base@{base}"
    assert tuned.details["base_digest"] == whole.digest


def test_an_adapter_stays_one_model_when_its_base_moves(
    tools: Tools, hub: Hub, tmp_path: Path
) -> None:
    hub.publish("org/base", write_model(tmp_path / "base", seed=1))
    adapter = write_adapter(tmp_path / "tuned", base_model_name_or_path="org/base")
    hub.publish("org/tuned", adapter)
    first = submit(tools, hub, "org/tuned")
    Extraction(tools, first).run()
    hub.publish("org/base", write_model(tmp_path / "moved", seed=3))
    pinned = pin(sources(tools.database, hub=hub.url), "org/tuned")
    with tools.database.write() as session:
        register_model(session, pinned, wanted=["likelihood-v1"])
        again = jobs.claim(session, "test", 60.0)
    assert again is not None
    assert again.model_id == first.model_id
    Extraction(tools, again).run()
    with tools.database.read() as session:
        assert jobs.get(session, again.id).state == "succeeded"


def test_a_slow_hub_does_not_cost_the_lease(tools: Tools, hub: Hub, tmp_path: Path) -> None:
    commit = hub.publish("org/one", write_model(tmp_path / "models" / "one", seed=1))
    hasty = replace(tools, config=replace(tools.config, lease_s=1.0))
    pinned = pin(sources(tools.database, hub=hub.url), "org/one")
    with tools.database.write() as session:
        register_model(session, pinned)
        job = jobs.claim(session, "test", 1.0)
    assert job is not None
    # Tried again after pauses that are longer than the lease together.
    hub.fail(f"/revision/{commit}", status=503, times=2)
    Extraction(hasty, job).run()
    with tools.database.read() as session:
        assert jobs.get(session, job.id).state == "succeeded"


def test_a_replicate_waits_for_its_entry_and_ends_without_one(
    tools: Tools, hub: Hub, tmp_path: Path
) -> None:
    hub.publish("org/one", write_model(tmp_path / "models" / "one", seed=1))
    pinned = pin(sources(tools.database, hub=hub.url), "org/one")
    with tools.database.write() as session:
        register_model(session, pinned, replicates=1)
        claimed = [jobs.claim(session, "test", 60.0) for _ in range(2)]
    own, again = sorted((job for job in claimed if job is not None), key=lambda job: job.kind)
    with pytest.raises(SetupError, match="entry_missing"):
        Extraction(tools, again).run()
    assert not hub.gets("config.json")
    with tools.database.write() as session:
        jobs.fail(session, own, "some_reason", "It failed.")
    with pytest.raises(NotFoundError, match="not_fingerprinted"):
        Extraction(tools, again).run()
    assert not hub.gets("config.json")
