"""Trees over HTTP: which models, how they are grown, and every form in which they come."""

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.phylo.formats.newick import read
from app.services.trees.growing_standing import grow_standing
from app.services.trees.trees import Trees
from app.store import jobs, trees
from app.store.database import Database
from tests import planted
from tests.api.test_problems import problem_of
from tests.services.trees.growing import LABELS, OF, plant
from tests.store.making import add_vectors
from tests.synthetic import FAMILY, LOCAL, PROTOCOL

HERONS = {"beta/heron", "beta/heron-code"}


@pytest.fixture
def planted_client(app: FastAPI, database: Database) -> Iterator[TestClient]:
    """Families of made-up models, enough for support."""
    plant(database)
    with TestClient(app) as client:
        yield client


def tips_of(node: dict[str, object]) -> list[str]:
    children = node["children"]
    assert isinstance(children, list)
    name = node["name"]
    return [tip for child in children for tip in tips_of(child)] or [str(name)]


def test_a_tree_says_how_it_was_grown(reader: TestClient) -> None:
    body = reader.get(f"/v1/tree?protocol={PROTOCOL}").json()
    assert set(body) == {
        "protocol", "reference", "distance", "method", "rooting", "support", "dating", "standing",
        "n_tips", "newick", "tips", "tree",
    }  # fmt: skip
    assert (body["method"], body["rooting"]["method"]) == ("neighbour_joining", "midpoint")
    assert body["rooting"]["fit"]["cv"] > 0
    assert body["support"]["replicates"] == 100
    assert (body["dating"], body["standing"]) == (None, None)
    names = [tip["model"]["name"] for tip in body["tips"]]
    assert sorted(names) == sorted(FAMILY)
    assert body["n_tips"] == len(FAMILY)
    [first] = reader.get("/v1/models", params={"model": names[0]}).json()["data"]
    assert body["tips"][0]["model"]["id"] == first["id"]
    assert {tip["released"] for tip in body["tips"]} == {"2024-05"}
    assert not any(tip["placed"] for tip in body["tips"])
    assert sorted(tips_of(body["tree"])) == sorted(names)
    herons = [child for child in body["tree"]["children"] if set(tips_of(child)) == HERONS]
    assert len(herons) == 1


def test_a_tree_of_some(reader: TestClient) -> None:
    some = ["heron-code", "acme/wolf", "beta/heron"]
    body = reader.get("/v1/tree", params={"protocol": PROTOCOL, "model": some}).json()
    assert {tip["model"]["name"] for tip in body["tips"]} == {*HERONS, "acme/wolf"}


def test_a_tree_around_a_model_by_name_and_by_id(planted_client: TestClient) -> None:
    [model] = planted_client.get("/v1/models", params={"model": LABELS[3]}).json()["data"]
    asked = {"around": LABELS[3], "k": 6, "protocol": "planted", "replicates": 0}
    by_name = planted_client.get("/v1/tree", params=asked).json()
    by_id = planted_client.get(f"/v1/models/{model['id']}/tree?k=6&replicates=0").json()
    assert by_name == by_id
    near = {tip["model"]["name"] for tip in by_name["tips"]}
    assert near == {label for label, of in zip(LABELS, OF, strict=True) if of == OF[3]}


def test_a_tree_of_a_family(planted_client: TestClient) -> None:
    body = planted_client.get("/v1/tree?family=family 2&replicates=10").json()
    assert {tip["family"] for tip in body["tips"]} == {"family 2"}
    assert body["n_tips"] == 7
    missing = planted_client.get("/v1/tree?family=family 9")
    near = problem_of(missing, 404, "no_such_family")["near"]
    assert set(near) < {f"family {number}" for number in range(6)}


def test_roots_methods_support_and_dates(planted_client: TestClient) -> None:
    query = "rooting=minimum_variance&method=balanced&replicates=20&collapse=0.5&dated=true"
    body = planted_client.get(f"/v1/tree?{query}").json()
    assert (body["method"], body["rooting"]["method"]) == ("balanced", "minimum_variance")
    assert body["support"] == {"replicates": 20, "kinds": ["bootstrap", "kinship", "transfer"]}
    assert body["dating"]["verdict"] == "inconclusive"
    apart = {"rooting": "outgroup", "outgroup": LABELS[0], "replicates": 0}
    rooted = planted_client.get("/v1/tree", params=apart).json()
    assert [LABELS[0]] in [tips_of(child) for child in rooted["tree"]["children"]]
    assert rooted["support"] == {"replicates": 0, "kinds": []}
    angles = planted_client.get("/v1/tree?distance=angular&replicates=5").json()
    assert (body["distance"], angles["distance"]) == ("log_rank", "angular")


def test_rates_are_read_from_angles_traits_from_what_is_drawn(planted_client: TestClient) -> None:
    rates, traits = (
        planted_client.get(f"/v1/{path}").json() for path in ("rates?replicates=3", "traits")
    )
    assert (rates["tree"]["distance"], rates["replicates"]) == ("angular", 3)
    assert traits["tree"]["distance"] == "log_rank"


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        ("newick", "text/plain", "("),
        ("nexus", "text/plain", "#NEXUS"),
        ("phyloxml", "application/xml", "<"),
        ("nexml", "application/xml", "<"),
        ("auspice", "application/json", "{"),
        ("splits", "text/csv", "n_tips"),
        ("svg", "image/svg+xml", "<svg"),
    ],
)
def test_every_form(planted_client: TestClient, form: str, media_type: str, begins: str) -> None:
    answer = planted_client.get(f"/v1/tree?format={form}&replicates=10")
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.text.startswith(begins)
    assert answer.headers["etag"]
    if media_type == "application/json":
        json.loads(answer.text)
    elif begins == "<" or form == "svg":
        ET.fromstring(answer.text)  # noqa: S314 - we wrote it


def test_pictures(planted_client: TestClient) -> None:
    asked = "/v1/tree?replicates=10&layout=radial&width=600"
    drawn = planted_client.get(f"{asked}&format=png&theme=dark")
    assert drawn.content.startswith(b"\x89PNG")
    assert drawn.headers["content-type"] == "image/png"
    svg = planted_client.get(f"{asked}&format=svg")
    assert "prefers-color-scheme" in svg.text
    assert svg.headers["content-security-policy"].startswith("default-src 'none'")
    problem_of(planted_client.get(f"{asked}&format=png&theme=auto"), 409, "bad_style")


def test_newick_is_the_one_in_the_json(reader: TestClient) -> None:
    response = reader.get(f"/v1/tree?protocol={PROTOCOL}&format=newick")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert sorted(read(response.text).labels) == sorted(FAMILY)
    assert response.text == reader.get(f"/v1/tree?protocol={PROTOCOL}").json()["newick"] + "\n"


def test_trees_that_cannot_be(reader: TestClient) -> None:
    def asked(**query: object) -> object:
        return reader.get("/v1/tree", params={"protocol": PROTOCOL, **query})  # type: ignore[arg-type]

    problem_of(asked(model=["heron", "acme/wolf"]), 409, "too_few_tips")
    problem_of(asked(model=["heron", "wolf-chat", "beta/heron"]), 409, "named_twice")
    problem_of(asked(model="heron"), 422, "invalid_request")
    problem_of(asked(model=["heron", "wolf-chat", "nobody"]), 404, "no_such_model")
    mixed = {"protocol": "likelihood-v1", "model": ["heron", "founder", "child"]}
    problem_of(reader.get("/v1/tree", params=mixed), 404, "not_fingerprinted")
    problem_of(asked(distance="log_rank"), 409, "bad_distance")
    problem_of(asked(around="heron", family="wolf"), 409, "bad_choice")
    problem_of(asked(rooting="outgroup"), 409, "bad_outgroup")
    problem_of(asked(rooting="outgroup", outgroup="nobody"), 404, "no_such_model")
    problem_of(asked(rooting="outgroup", outgroup="founder"), 409, "bad_outgroup")
    problem_of(asked(rooting="date"), 409, "too_few_dates")
    problem_of(asked(collapse=0.5, replicates=0), 409, "bad_collapse")
    for nonsense in ("replicates=1001", "collapse=2", "k=0", "width=9", "format=gif", "method=x",
                     "distance=x"):  # fmt: skip
        problem_of(reader.get(f"/v1/tree?{nonsense}"), 422, "invalid_request")


def test_models_that_are_all_alike(client: TestClient, database: Database) -> None:
    import numpy as np

    from app.dna.protocol import reported_vectors

    add_vectors(database, reported_vectors("alike", 4), np.ones((4, 4)))
    problem_of(client.get("/v1/tree"), 409, "no_distances")


def test_the_tree_by_default(reader: TestClient, client: TestClient) -> None:
    body = reader.get("/v1/tree").json()
    assert body["protocol"]["name"] == "likelihood-v1"
    assert body["n_tips"] == len(LOCAL)
    problem_of(client.get("/v1/tree"), 404, "no_entries")


def test_a_standing_tree_is_asked_for_and_grown(
    planted_client: TestClient, app: FastAPI, database: Database
) -> None:
    runtime = app.state.runtime
    runtime.trees = Trees(runtime.candidates, at_once=10)
    waiting = problem_of(planted_client.get("/v1/tree"), 409, "no_standing_tree")
    assert "POST /v1/trees" in waiting["detail"]
    asked = planted_client.post("/v1/trees", json={"protocol": "planted"})
    assert asked.status_code == 202
    job = asked.json()
    assert (job["kind"], job["model"], job["protocols"]) == ("tree", None, ["planted"])
    assert asked.headers["location"] == f"/v1/jobs/{job['id']}"
    again = planted_client.post("/v1/trees", json={})
    assert (again.status_code, again.json()["id"]) == (200, job["id"])
    assert planted_client.get("/v1/jobs").json()["data"][0]["model"] is None
    with database.write() as session:
        claimed = jobs.claim(session, "test", 60.0)
    assert claimed is not None
    grown = grow_standing(database, claimed, lambda *_: None)
    with database.write() as session:
        jobs.succeed(session, claimed)
        trees.add(session, grown, trees.packed(grown))
    body = planted_client.get("/v1/tree").json()
    assert body["standing"]["version"] == 1
    assert body["standing"]["n_placed"] == 0
    assert body["n_tips"] == len(LABELS)
    assert planted.ANSWERS.name == body["protocol"]["name"]
    problem_of(planted_client.post("/v1/trees", json={"protocol": "x"}), 404, "no_such_protocol")
