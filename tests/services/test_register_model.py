"""Registering: the same ref and content are the same model and job, and odd refs are refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.broker.queues import SizeClasses
from app.dna.protocol import defaults, lexical_sampled_v1, reported_vectors
from app.errors import InputError, NotFoundError
from app.records import Claim
from app.services.model_refs import pin
from app.services.register_model import MOST_REPLICATES, Registered, register_model
from app.store import jobs, models, protocols
from app.store.database import Database
from tests.registering import register_local, sources
from tests.store.threads import at_once


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "models" / "tiny-wolf"
    made.mkdir(parents=True)
    (made / "config.json").write_text("{}")
    return made


def test_a_model_is_registered_with_a_job_under_both_default_protocols(
    database: Database, directory: Path
) -> None:
    registered = register_local(database, directory, [Claim("licence", "mit", "submitter")])
    model, job = registered.model, registered.job
    assert registered.is_new
    assert (model.name, model.ref.source, model.ref.name) == ("tiny-wolf", "local", str(directory))
    assert (job.kind, job.state, job.model_id) == ("extract", "queued", model.id)
    assert job.protocols == tuple(protocol.digest for protocol in defaults())
    with database.read() as session:
        assert set(protocols.every(session)) == set(defaults())
        assert models.claims_of(session, model.id) == [Claim("licence", "mit", "submitter")]


def test_the_same_content_is_the_same_job_by_whatever_path(
    database: Database, directory: Path
) -> None:
    first = register_local(database, directory)
    alias = directory.parent / "alias"
    alias.symlink_to(directory)
    for path in (directory, alias, directory / ".." / "tiny-wolf"):
        again = register_local(database, path)
        assert (again.model, again.job, again.is_new) == (first.model, first.job, False)


def test_other_content_is_another_model_and_job(database: Database, directory: Path) -> None:
    first = register_local(database, directory)
    (directory / "config.json").write_text("{ }")
    second = register_local(database, directory)
    assert second.is_new
    assert second.model.ref.name == first.model.ref.name
    assert second.model.ref.revision != first.model.ref.revision
    assert second.model.id != first.model.id


def test_a_job_that_failed_may_be_asked_for_again(database: Database, directory: Path) -> None:
    first = register_local(database, directory)
    with database.write() as session:
        job = jobs.claim(session, "somebody", 60)
        assert job is not None
        jobs.fail(session, job, "bad_config", "Mend it.")
    second = register_local(database, directory)
    assert (second.is_new, second.model) == (True, first.model)


def test_equal_posts_at_once_make_one_model_and_one_job(
    database: Database, directory: Path
) -> None:
    registered = at_once(lambda _: register_local(database, directory), 5)
    assert sum(one.is_new for one in registered) == 1
    assert len({one.job.id for one in registered}) == 1
    assert len({one.model.id for one in registered}) == 1


@pytest.mark.parametrize("names", [[], ["lexical-v2"], ["handed-in"]])
def test_only_protocols_that_can_be_asked_are_taken(
    database: Database, directory: Path, names: list[str]
) -> None:
    pinned = pin(sources(database, directory.parent), f"local:{directory}")
    with database.write() as session:
        protocols.ensure(session, reported_vectors("handed-in", 8))
    with pytest.raises((InputError, NotFoundError)), database.write() as session:
        register_model(session, pinned, wanted=names)
    with database.read() as session:
        assert models.page(session, None, 9) == []


def test_protocols_by_name_are_a_job_of_their_own(database: Database, directory: Path) -> None:
    default = register_local(database, directory)
    pinned = pin(sources(database, directory.parent), f"local:{directory}")
    with database.write() as session:
        sampled = register_model(session, pinned, wanted=["lexical-sampled-v1"])
    assert sampled.model == default.model
    assert sampled.job.protocols == (lexical_sampled_v1().digest,)
    assert sampled.job.options == {"explicit": True}


def test_replicates_are_jobs_beside_the_models_own(database: Database, directory: Path) -> None:
    pinned = pin(sources(database, directory.parent), f"local:{directory}")

    def ask(replicates: int) -> Registered:
        return database.transact(lambda s: register_model(s, pinned, replicates=replicates))

    first, more = ask(2), ask(3)
    assert [job.options for job in first.replicates] == [{"replicate": 1}, {"replicate": 2}]
    assert {job.kind for job in first.replicates} == {"replicate"}
    assert more.replicates[:2] == first.replicates
    assert more.job == first.job
    with pytest.raises(InputError, match="bad_replicates"):
        ask(MOST_REPLICATES + 1)


@pytest.mark.parametrize(("n_bytes", "queue"), [(9, "cpu"), (10, "gpu"), (100, "large")])
def test_its_jobs_go_to_the_queue_of_its_size(
    database: Database, directory: Path, n_bytes: int, queue: str
) -> None:
    (directory / "model-1.safetensors").write_bytes(b"x" * (n_bytes - 4))
    (directory / "model-2.safetensors").write_bytes(b"x" * 4)
    (directory / "pytorch_model.bin").write_bytes(b"x" * 1000)
    allowed = replace(sources(database, directory.parent), sizes=SizeClasses(10, 100))
    pinned = pin(allowed, f"local:{directory}")
    made = database.transact(lambda session: register_model(session, pinned, replicates=1))
    assert [job.queue for job in (made.job, *made.replicates)] == [queue, queue]
