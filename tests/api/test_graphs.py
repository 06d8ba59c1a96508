"""Derivation graphs over HTTP: JSON, DOT and Mermaid, and problems for what cannot be asked."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.store import schema
from app.store.database import Database
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.genealogy import FAMILY, claim, date_all, declare_all, plant


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a registry with the genealogy, its dates, true claims and a false one."""
    folder = tmp_path_factory.mktemp("planted")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    plant(database)
    date_all(database)
    declare_all(database)
    claim(database, "oak-code", "declared_base", "stranger-1", source="submitter")
    with TestClient(make_app(database, folder)) as started:
        yield started
    database.close()


def test_json(planted: TestClient) -> None:
    answer = planted.get("/v1/graph")
    assert answer.status_code == 200
    assert "ETag" in answer.headers
    body = answer.json()
    assert set(body) == {
        "protocol", "reference", "n_models", "models", "edges", "families",
    }  # fmt: skip
    assert body["n_models"] == len(body["models"]) == len(FAMILY) + 30
    edges = {(e["child"]["name"], e["parent"]["name"]): e for e in body["edges"]}
    true = {(child, parent) for child, parents in FAMILY.items() for parent in parents}
    assert set(edges) == true | {("oak-code", "stranger-1")}
    false = edges["oak-code", "stranger-1"]
    assert (false["support"], false["confidence"]) == ("contradicted", "low")
    assert false["p_value"] > 0.05
    sure = edges["oak-chat", "oak-base"]
    assert set(sure) == {
        "child", "parent", "kind", "support", "directed", "confidence", "conflicts", "doubt",
        "via", "reasons", "share", "score", "p_value",
    }  # fmt: skip
    assert [reason["kind"] for reason in sure["reasons"]] == ["declared", "released_before"]
    assert (sure["kind"], sure["confidence"], sure["doubt"]) == ("declared", "high", "")
    assert body["families"][0] == {"name": "oak-base", "n_models": len(FAMILY)}
    told = {one["model"]["name"]: one for one in body["models"]}
    assert told["oak-base"]["standing"] == "founder"
    assert told["oak-blend"]["why"].startswith("It descends from ")


def test_the_family_around_one(planted: TestClient) -> None:
    body = planted.get("/v1/graph?around=oak-code&k=2").json()
    names = {one["model"]["name"] for one in body["models"]}
    assert {"oak-code", "oak-base", "oak-blend", "stranger-1"} <= names
    two = planted.get("/v1/graph?model=oak-code&model=oak-base").json()
    assert [one["model"]["name"] for one in two["models"]] == ["oak-code", "oak-base"]


def test_other_formats(planted: TestClient) -> None:
    dot = planted.get("/v1/graph?around=oak-code&format=dot")
    assert dot.headers["content-type"].startswith("text/vnd.graphviz")
    assert dot.text.startswith("digraph derivation {")
    mermaid = planted.get("/v1/graph?around=oak-code&format=mermaid")
    assert mermaid.headers["content-type"].startswith("text/plain")
    assert mermaid.text.startswith("flowchart LR\n")


def test_what_cannot_be_asked(planted: TestClient, reader: TestClient) -> None:
    missing = problem_of(planted.get("/v1/graph?around=oak-coda"), 404, "no_such_model")
    assert "oak-code" in missing["near"]
    problem_of(planted.get("/v1/graph?model=nobody&model=oak-code"), 404, "no_such_model")
    twice = planted.get("/v1/graph?model=oak-code&model=oak-code")
    problem_of(twice, 409, "named_twice")
    problem_of(planted.get("/v1/graph?model=oak-code"), 422, "too_few_models")
    problem_of(planted.get("/v1/graph?model=oak-code&around=oak-base"), 422, "bad_graph")
    problem_of(planted.get("/v1/graph?protocol=nothing"), 404, "no_such_protocol")
    problem_of(planted.get("/v1/graph?format=svg"), 422, "invalid_request")
    problem_of(planted.get("/v1/graph?around=oak-code&k=0"), 422, "invalid_request")
    mixed = reader.get("/v1/graph?model=founder&model=beta/wolf")
    problem_of(mixed, 422, "no_shared_protocol")


def test_a_small_population_shows_claims_that_nobody_can_check(reader: TestClient) -> None:
    body = reader.get("/v1/graph?protocol=tiny-answers").json()
    assert {edge["support"] for edge in body["edges"]} == {"undecided"}
    assert {edge["p_value"] for edge in body["edges"]} == {None}
    assert {one["standing"] for one in body["models"]} == {"unplaced"}
