"""Registering: the same ref and content are the same model and job, and odd refs are refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.protocol import defaults
from app.errors import GenebankError, InputError
from app.records import Claim
from app.services.register_model import MAX_REF, Registered, register_model, resolve_ref
from app.store import jobs, models, protocols
from app.store.database import Database
from tests.store.threads import at_once


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "models" / "tiny-wolf"
    made.mkdir(parents=True)
    (made / "config.json").write_text("{}")
    return made


def register(database: Database, directory: Path, *claims: Claim) -> Registered:
    roots = [directory.parent]
    return database.transact(lambda s: register_model(s, f"local:{directory}", roots, claims))


def test_a_model_is_registered_with_a_job_under_both_default_protocols(
    database: Database, directory: Path
) -> None:
    registered = register(database, directory, Claim("licence", "mit", "submitter"))
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
    first = register(database, directory)
    alias = directory.parent / "alias"
    alias.symlink_to(directory)
    for path in (directory, alias, directory / ".." / "tiny-wolf"):
        again = register(database, path)
        assert (again.model, again.job, again.is_new) == (first.model, first.job, False)


def test_other_content_is_another_model_and_job(database: Database, directory: Path) -> None:
    first = register(database, directory)
    (directory / "config.json").write_text("{ }")
    second = register(database, directory)
    assert second.is_new
    assert second.model.ref.name == first.model.ref.name
    assert second.model.ref.revision != first.model.ref.revision
    assert second.model.id != first.model.id


def test_a_job_that_failed_may_be_asked_for_again(database: Database, directory: Path) -> None:
    first = register(database, directory)
    with database.write() as session:
        job = jobs.claim(session, "somebody", 60)
        assert job is not None
        jobs.fail(session, job, "bad_config", "Mend it.")
    second = register(database, directory)
    assert (second.is_new, second.model) == (True, first.model)


def test_equal_posts_at_once_make_one_model_and_one_job(
    database: Database, directory: Path
) -> None:
    registered = at_once(lambda _: register(database, directory), 5)
    assert sum(one.is_new for one in registered) == 1
    assert len({one.job.id for one in registered}) == 1
    assert len({one.model.id for one in registered}) == 1


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("", "bad_model_ref"),
        ("local:", "bad_model_ref"),
        ("gopher:x", "bad_model_ref"),
        ("x" * (MAX_REF + 1), "bad_model_ref"),
        ("org/name", "unsupported_source"),
        ("hf:org/name", "unsupported_source"),
        ("endpoint:openai/gpt", "unsupported_source"),
        ("import:acme/wolf", "unsupported_source"),
        ("local:/etc", "outside_roots"),
        ("local:{root}/..", "outside_roots"),
        ("local:{root}/none", "no_such_directory"),
        ("local:{root}/nul\0", "no_such_directory"),
        ("local:{root}/tiny-wolf/config.json", "no_such_directory"),
        ("local:{root}/line\nbreak", "bad_model_ref"),
        ("local:{root}/link", "bad_model_ref"),
    ],
)
def test_what_cannot_be_fingerprinted_here_is_refused(directory: Path, ref: str, code: str) -> None:
    root = directory.parent
    (root / "line\nbreak").mkdir()
    (root / "link").symlink_to(root / "line\nbreak")
    with pytest.raises(InputError) as error:
        resolve_ref(ref.replace("{root}", str(root)), [root])
    assert error.value.code == code
    assert str(root) not in error.value.detail


@given(ref=st.text(max_size=40) | st.text(max_size=40).map("local:/{}".format))
def test_no_text_is_more_than_an_input_error(ref: str) -> None:
    with pytest.raises(GenebankError):
        resolve_ref(ref, [Path("/no/such/root")])


def test_nothing_is_stored_of_a_ref_that_is_refused(database: Database, directory: Path) -> None:
    with pytest.raises(InputError), database.write() as session:
        register_model(session, "local:/etc", [directory.parent])
    with database.read() as session:
        assert models.page(session, None, 9) == []
        assert protocols.every(session) == []
