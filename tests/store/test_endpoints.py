"""Endpoints in the database."""

import pytest

from app.errors import ConflictError, NotFoundError
from app.records import EndpointRecord, EndpointSettings
from app.store import endpoints
from app.store.database import Database

ACME = EndpointRecord(
    name="acme",
    url="https://api.acme.example/v1",
    kind="completions",
    settings=EndpointSettings(concurrency=2, likelihoods="echo", input_price=0.5),
    sealed_key=b"sealed",
)
OTHER = EndpointRecord("zenith", "http://127.0.0.1:1/v1", "chat", EndpointSettings(), None)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        endpoints.add(session, OTHER)
        endpoints.add(session, ACME)
    return database


def test_what_was_added_is_found(filled: Database) -> None:
    with filled.read() as session:
        assert endpoints.get(session, "acme") == ACME
        assert endpoints.every(session) == [ACME, OTHER]
    assert "sealed" not in repr(ACME).replace("sealed_key", "")


def test_a_name_is_taken_once(filled: Database) -> None:
    with pytest.raises(ConflictError) as raised, filled.write() as session:
        endpoints.add(session, ACME)
    assert raised.value.code == "endpoint_exists"


def test_what_was_removed_is_gone(filled: Database) -> None:
    with filled.write() as session:
        endpoints.remove(session, "acme")
    with filled.read() as session:
        assert endpoints.every(session) == [OTHER]


def test_a_miss_names_its_neighbours(filled: Database) -> None:
    with filled.write() as session:
        for miss in (endpoints.get, endpoints.remove):
            with pytest.raises(NotFoundError) as raised:
                miss(session, "acne")
            assert raised.value.code == "no_such_endpoint"
            assert raised.value.near == ("acme",)
