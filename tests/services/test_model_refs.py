"""Refs: what each means, and the revision that it is pinned to; odd ones are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.broker.queues import SizeClasses
from app.errors import GenebankError, InputError, NotFoundError
from app.records import Claim, EndpointRecord, EndpointSettings, ModelRef
from app.services.model_refs import MAX_REF, pin
from app.store import endpoints
from app.store.database import Database
from tests.hub.server import serving_hub
from tests.registering import sources
from tests.tiny_model import write_model


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "models" / "tiny-wolf"
    made.mkdir(parents=True)
    (made / "config.json").write_text("{}")
    return made


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("", "bad_model_ref"),
        ("local:", "bad_model_ref"),
        ("gopher:x", "bad_model_ref"),
        ("x" * (MAX_REF + 1), "bad_model_ref"),
        ("hf:", "bad_model_ref"),
        ("endpoint:", "bad_model_ref"),
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
def test_what_cannot_be_fingerprinted_here_is_refused(
    database: Database, directory: Path, ref: str, code: str
) -> None:
    root = directory.parent
    (root / "line\nbreak").mkdir()
    (root / "link").symlink_to(root / "line\nbreak")
    with pytest.raises(InputError) as error:
        pin(sources(database, root), ref.replace("{root}", str(root)))
    assert error.value.code == code
    assert str(root) not in error.value.detail


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ref=st.text(max_size=40) | st.text(max_size=40).map("local:/{}".format))
def test_no_text_is_more_than_an_error_of_ours(database: Database, ref: str) -> None:
    with pytest.raises(GenebankError):
        pin(sources(database, Path("/no/such/root")), ref)


def test_a_hub_model_is_pinned_to_the_commit_of_its_branch(
    database: Database, tmp_path: Path
) -> None:
    old, new = (write_model(tmp_path / name, seed=n) for n, name in enumerate(("old", "new")))
    with serving_hub() as hub:
        here = sources(database, hub=hub.url)
        first = hub.publish("org/m", old, cardData={"license": "mit"})
        pinned = pin(here, "org/m")
        assert pinned.ref == ModelRef("hf", "org/m", first)
        assert Claim("licence", "mit", "hub") in pinned.claims
        assert pinned.queue == "cpu"
        assert pin(replace(here, sizes=SizeClasses(1, 1 << 30)), "org/m").queue == "gpu"
        second = hub.publish("org/m", new)
        assert pin(here, "hf:org/m").ref.revision == second
        assert pin(here, "org/m@main").ref.revision == second
        assert pin(here, f"hf:org/m@{first}").ref.revision == first
        with pytest.raises(NotFoundError, match="no_such_revision"):
            pin(here, "hf:org/m@v2")
        with pytest.raises(NotFoundError, match="no_such_hub_model"):
            pin(here, "hf:org/n")


def test_a_model_behind_an_endpoint_is_pinned_to_where_it_is_asked(database: Database) -> None:
    with database.write() as session:
        endpoints.add(
            session,
            EndpointRecord("acme", "https://a.example/v1", "chat", EndpointSettings(), None),
        )
    here = sources(database)
    assert pin(here, "endpoint:acme/wolf") == pin(here, "endpoint:acme/wolf")
    assert pin(here, "endpoint:acme/wolf@2026-11").ref == ModelRef(
        "endpoint", "acme/wolf", "2026-11"
    )
    with pytest.raises(NotFoundError) as raised:
        pin(here, "endpoint:acne/wolf")
    assert raised.value.near == ("acme",)
