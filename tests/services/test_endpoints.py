"""APIs are registered, and their models get refs."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.dna.protocol import lexical_v1, likelihood_v1
from app.errors import GenebankError, InputError, ModelError, NotFoundError
from app.records import EndpointSettings
from app.services.endpoint_urls import check_url
from app.services.endpoints import (
    NewEndpoint,
    add_endpoint,
    can_answer,
    check_place,
    content_digest,
    resolve,
    split_name,
)
from app.services.sealing import Sealer
from app.store import endpoints
from app.store.database import Database

ACME = NewEndpoint("acme", "https://api.example/v1/", "chat", EndpointSettings(), "sk-secret")


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer("", tmp_path)


@pytest.fixture
def acme(database: Database, sealer: Sealer) -> Database:
    with database.write() as session:
        add_endpoint(session, sealer, ACME)
    return database


def test_a_key_is_kept_sealed(acme: Database, sealer: Sealer) -> None:
    with acme.read() as session:
        found = endpoints.get(session, "acme")
    assert found.url == "https://api.example/v1"
    assert found.sealed_key is not None
    assert b"sk-secret" not in found.sealed_key
    assert sealer.unseal(found.sealed_key) == "sk-secret"
    assert "sk-secret" not in repr(ACME)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a/b"}, "bad_endpoint_name"),
        ({"name": ""}, "bad_endpoint_name"),
        ({"name": "Acme"}, "bad_endpoint_name"),
        ({"name": "a" * 64}, "bad_endpoint_name"),
        ({"name": "acme\n"}, "bad_endpoint_name"),
        ({"key": ""}, "bad_key"),
        ({"key": "a b"}, "bad_key"),
        ({"key": "sk\r\nhost: x"}, "bad_key"),
        ({"key": "schlüssel"}, "bad_key"),
        ({"url": "api.example/v1"}, "bad_url"),
        ({}, "endpoint_exists"),
    ],
)
def test_what_cannot_be_registered(
    acme: Database, sealer: Sealer, change: dict[str, str], code: str
) -> None:
    with pytest.raises(GenebankError) as raised, acme.write() as session:
        add_endpoint(session, sealer, replace(ACME, **change))  # type: ignore[arg-type]
    assert raised.value.code == code
    with acme.read() as session:
        assert len(endpoints.every(session)) == 1


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.example/v1", "https://api.example/v1"),
        ("https://api.example/v1//", "https://api.example/v1"),
        ("HTTPS://API.example:8443/a/b", "https://api.example:8443/a/b"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://localhost/v1", "http://localhost/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_url_is_kept_without_its_last_slash(url: str, kept: str) -> None:
    assert check_url(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example/v1",
        "//api.example/v1",
        "ftp://api.example/v1",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "https://me:pa55@api.example/v1",
        "https://sk-key@api.example/v1",
        "https://api.example/v1?key=sk",
        "https://api.example/v1#v",
        "https://api.example:port/v1",
        "http://api.example/v1",
        "http://127.0.0.1.example/v1",
        "http://192.168.0.1/v1",
        "https://api.example/\n",
    ],
)
def test_a_url_that_is_none_or_gives_the_key_away_is_refused(url: str) -> None:
    with pytest.raises(InputError) as raised:
        check_url(url)
    assert raised.value.code == "bad_url"
    assert "pa55" not in raised.value.detail


def test_plain_http_can_be_allowed() -> None:
    assert check_url("http://10.0.0.2/v1", plain_http=True) == "http://10.0.0.2/v1"


def test_the_same_words_are_the_same_ref(acme: Database) -> None:
    with acme.read() as session:
        ref = resolve(session, "acme/org/model:free")
        assert resolve(session, "acme/org/model:free") == ref
        other = resolve(session, "acme/org/other")
    assert split_name(ref) == ("acme", "org/model:free")
    assert len(ref.revision) == 16
    assert other.revision != ref.revision


@pytest.mark.parametrize(
    ("rest", "model", "label"),
    [
        ("acme/m@2026-11", "m", "2026-11"),
        ("acme/@cf/org/m@v1", "@cf/org/m", "v1"),
        ("acme/@cf/org/m", "@cf/org/m", None),
        ("acme/m@a@b", "m@a", "b"),
        ("acme/m@", "m@", None),
    ],
)
def test_a_label_asks_anew(acme: Database, rest: str, model: str, label: str | None) -> None:
    with acme.read() as session:
        ref = resolve(session, rest)
        endpoint = endpoints.get(session, "acme")
        plain = resolve(session, f"acme/{model}@x")
    assert split_name(ref) == ("acme", model)
    assert label is None or ref.revision == label
    assert content_digest(endpoint, ref) != content_digest(endpoint, plain)


@pytest.mark.parametrize("rest", ["", "acme", "acme/", "/m", "acme/@v1", "acme/ m", "acme/m@\x07"])
def test_a_ref_that_names_no_model_is_refused(acme: Database, rest: str) -> None:
    with pytest.raises(InputError), acme.read() as session:
        resolve(session, rest)


def test_an_unknown_endpoint_has_neighbours(acme: Database) -> None:
    with pytest.raises(NotFoundError) as raised, acme.read() as session:
        resolve(session, "acmee/m")
    assert raised.value.code == "no_such_endpoint"
    assert raised.value.near == ("acme",)


def test_an_api_can_do_what_it_was_registered_for(acme: Database) -> None:
    with acme.read() as session:
        endpoint = endpoints.get(session, "acme")
    scoring = replace(endpoint, settings=EndpointSettings(likelihoods="echo"))
    assert can_answer(endpoint, lexical_v1())
    assert not can_answer(endpoint, likelihood_v1())
    assert can_answer(scoring, likelihood_v1())


def test_an_endpoint_that_moved_answers_for_no_older_ref(acme: Database, sealer: Sealer) -> None:
    with acme.read() as session:
        pinned, labelled = (resolve(session, f"acme/wolf{end}") for end in ("", "@2026-11"))
    with acme.write() as session:
        endpoints.remove(session, "acme")
        moved = add_endpoint(session, sealer, replace(ACME, url="https://other.example/v1"))
        check_place(moved, resolve(session, "acme/wolf"))
    check_place(moved, labelled)
    with pytest.raises(ModelError, match="endpoint_changed"):
        check_place(moved, pinned)
