"""Ancestors and descendants over HTTP: the same by id and by name, in words that never vary."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.store import schema
from app.store.database import Database
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.genealogy import FAMILY, claim, date_all, declare_all, plant, register

COMMON = {
    "model", "released", "verdict", "why", "beside", "undirected", "edges", "references",
}  # fmt: skip


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a registry with the genealogy, its dates, true claims and two false ones."""
    folder = tmp_path_factory.mktemp("planted")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    plant(database)
    date_all(database)
    declare_all(database)
    claim(database, "oak-blend", "declared_base", "stranger-1", "elsewhere/oak", source="submitter")
    with database.write() as session:
        register(session, "unread")
        register(session, "oak-mirror", "digest of oak-base")
    with TestClient(make_app(database, folder)) as started:
        yield started
    database.close()


def id_of(client: TestClient, name: str) -> str:
    identity: str = client.get("/v1/models", params={"model": name}).json()["data"][0]["id"]
    return identity


@pytest.mark.parametrize("side", ["ancestors", "descendants"])
def test_by_id_and_by_name_are_the_same(planted: TestClient, side: str) -> None:
    for name in FAMILY:
        by_id = planted.get(f"/v1/models/{id_of(planted, name)}/{side}?k=3")
        by_name = planted.get(f"/v1/{side}?model={name}&k=3")
        assert by_id.status_code == 200
        assert by_id.json() == by_name.json()
        assert by_id.headers["ETag"] == by_name.headers["ETag"]


def test_ancestors(planted: TestClient) -> None:
    body = planted.get("/v1/ancestors?model=oak-blend").json()
    assert set(body) == COMMON | {"ancestors", "declared_bases"}
    assert body["model"] == {"id": id_of(planted, "oak-blend"), "name": "oak-blend"}
    assert body["released"] == [{"value": "2024-06", "source": "hub"}]
    assert body["verdict"] == "found"
    assert "contradicts the claim that it descends from stranger-1" in body["why"]
    assert [one["model"]["name"] for one in body["ancestors"]][:2] in (
        ["oak-chat", "oak-code"], ["oak-code", "oak-chat"],
    )  # fmt: skip
    for one in body["ancestors"]:
        assert set(one) == {
            "model", "copies", "released", "protocol", "score", "standing", "p_value", "q_value",
            "verdict", "flags", "direction", "confidence", "depth", "reasons",
        }  # fmt: skip
        assert one["direction"] == "ancestor"
        assert one["confidence"] == "high"
        assert one["p_value"] < 0.001 < one["score"]
        assert one["protocol"]["name"] == "likelihood-v1"
    base = body["ancestors"][2]
    assert (base["model"]["name"], base["depth"]) == ("oak-base", 2)
    assert [copy["name"] for copy in base["copies"]] == ["oak-mirror"]
    declared = next(reason for reason in base["reasons"] if reason["kind"] == "declared")
    assert (declared["side"], declared["source"]) == ("ancestor", "model card")
    assert [via["name"] for via in declared["via"]] == [body["ancestors"][0]["model"]["name"]]
    kinds = {reason["kind"] for reason in body["ancestors"][0]["reasons"]}
    assert kinds == {"declared", "released_before", "merge_of"}
    assert [one["model"]["name"] for one in body["beside"]] == ["oak-chat-q8"]
    assert body["references"] == [{"protocol": base["protocol"], "version": 1}]


def test_declared_bases_are_supported_contradicted_or_undecided(planted: TestClient) -> None:
    body = planted.get("/v1/ancestors?model=oak-blend").json()
    told = {claim["value"]: claim for claim in body["declared_bases"]}
    assert {value: claim["support"] for value, claim in told.items()} == {
        "oak-chat": "supported",
        "oak-code": "supported",
        "stranger-1": "contradicted",
        "elsewhere/oak": "undecided",
    }
    false = told["stranger-1"]
    assert (false["verdict"], false["sources"], false["why"]) == ("unrelated", ["submitter"], "")
    assert false["p_value"] > 0.05
    absent = told["elsewhere/oak"]
    assert (absent["model"], absent["verdict"], absent["score"]) == (None, None, None)
    assert absent["why"] == "It is not registered."
    edges = {(e["child"]["name"], e["parent"]["name"]): e for e in body["edges"]}
    assert edges["oak-blend", "stranger-1"]["support"] == "contradicted"
    assert {kind["kind"] for kind in edges.values()} == {"declared"}
    assert set(edges) == {
        ("oak-blend", "oak-chat"), ("oak-blend", "oak-code"), ("oak-blend", "stranger-1"),
        ("oak-chat", "oak-base"), ("oak-code", "oak-base"),
    }  # fmt: skip


def test_descendants(planted: TestClient) -> None:
    body = planted.get("/v1/descendants?model=oak-base").json()
    assert set(body) == COMMON | {"descendants", "declared_by"}
    assert {one["model"]["name"]: one["depth"] for one in body["descendants"]} == {
        "oak-chat": 1, "oak-code": 1, "oak-blend": 2, "oak-chat-q8": 2, "oak-chat-tuned": 2,
    }  # fmt: skip
    assert {one["model"]["name"] for one in body["declared_by"]} == {"oak-chat", "oak-code"}
    assert {one["value"] for one in body["declared_by"]} == {"oak-base"}
    wronged = planted.get("/v1/descendants?model=stranger-1").json()
    assert (wronged["verdict"], wronged["descendants"]) == ("none", [])
    [claimed] = wronged["declared_by"]
    assert (claimed["model"]["name"], claimed["support"]) == ("oak-blend", "contradicted")


def test_k_bounds_each_list(planted: TestClient) -> None:
    body = planted.get("/v1/descendants?model=oak-base&k=2").json()
    assert len(body["descendants"]) == 2
    for k in ("0", "201", "x"):
        problem_of(planted.get(f"/v1/ancestors?model=oak-base&k={k}"), 422, "invalid_request")


def test_a_small_population_is_inconclusive(reader: TestClient) -> None:
    body = reader.get("/v1/ancestors?model=child").json()
    assert (body["verdict"], body["ancestors"], body["edges"]) == ("inconclusive", [], [])
    assert "no reference yet" in body["why"]
    claimed = reader.get("/v1/ancestors?model=wolf-chat-v2").json()
    assert [claim["support"] for claim in claimed["declared_bases"]] == ["undecided"]
    assert claimed["declared_bases"][0]["model"]["name"] == "acme/wolf-chat"


def test_what_cannot_be_asked(planted: TestClient) -> None:
    for side in ("ancestors", "descendants"):
        problem_of(planted.get(f"/v1/{side}?model=unread"), 404, "not_fingerprinted")
        problem_of(planted.get(f"/v1/{side}?model=nobody"), 404, "no_such_model")
        problem_of(planted.get(f"/v1/models/mdl_x/{side}"), 404, "no_such_model")
        problem_of(planted.get(f"/v1/{side}"), 422, "invalid_request")
