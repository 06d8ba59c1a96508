"""Trees of the same models under two protocols."""

import pytest
from starlette.testclient import TestClient

from app.store.database import Database
from tests import two_protocols
from tests.api.test_problems import problem_of
from tests.synthetic import PROTOCOL
from tests.two_protocols import MODELS

BOTH = "/v1/tree/comparison?protocol=likelihood-v1&against=lexical-v1"


def of(*names: str) -> str:
    """The question for these models only."""
    return BOTH + "".join(f"&model={name}" for name in names)


@pytest.fixture
def two(client: TestClient, database: Database) -> TestClient:
    """A client of a registry whose models have both protocols."""
    two_protocols.fill(database)
    return client


def test_all_models_that_have_both(two: TestClient) -> None:
    body = two.get(BOTH).json()
    assert set(body) == {
        "a", "b", "n_shared", "tips", "robinson_foulds", "clustering_information",
        "phylogenetic_information", "cophenetic_correlation", "tanglegram",
    }  # fmt: skip
    assert [body[side]["protocol"]["name"] for side in "ab"] == ["likelihood-v1", "lexical-v1"]
    assert body["a"]["rooting"] == "midpoint"
    assert body["n_shared"] == len(body["tips"]) == len(MODELS)
    assert {tip["name"] for tip in body["tips"]} == set(MODELS)
    apart = body["robinson_foulds"]
    splits = sum(body[side]["n_splits"] for side in "ab")
    assert apart["normalised"] == pytest.approx(apart["distance"] / splits)
    for kind in ("clustering_information", "phylogenetic_information"):
        assert 0 <= body[kind]["similarity"] <= 1
    assert -1 <= body["cophenetic_correlation"] <= 1
    tangle = body["tanglegram"]
    assert sorted(tangle["a"]) == sorted(tangle["b"]) == list(range(len(MODELS)))
    assert tangle["crossings"] <= tangle["before"]


def test_either_order_says_the_same(two: TestClient) -> None:
    there = two.get(BOTH).json()
    back = two.get("/v1/tree/comparison?protocol=lexical-v1&against=likelihood-v1").json()
    assert there["robinson_foulds"] == back["robinson_foulds"]
    assert there["cophenetic_correlation"] == pytest.approx(back["cophenetic_correlation"])


def test_some_models(two: TestClient) -> None:
    some = ["wolf", "wolf-a", "heron", "heron-a"]
    body = two.get(of(*some)).json()
    assert {tip["name"] for tip in body["tips"]} == set(some)


def test_trees_that_cannot_be_compared(two: TestClient) -> None:
    same = "/v1/tree/comparison?protocol=likelihood-v1&against=likelihood-v1"
    problem_of(two.get(same), 422, "same_protocol")
    problem_of(two.get(of("wolf", "wolf-a", "heron", "heron-a", "wolf")), 409, "named_twice")
    problem_of(two.get(of("wolf", "heron")), 422, "invalid_request")
    problem_of(two.get(of("wolf", "wolf-a", "heron", "heronn")), 404, "no_such_model")
    near = problem_of(two.get(BOTH.replace("lexical", "lexica")), 404, "no_such_protocol")
    assert "lexical-v1" in near["near"]
    problem_of(two.get("/v1/tree/comparison?protocol=lexical-v1"), 422, "invalid_request")


def test_models_that_lack_an_entry(reader: TestClient) -> None:
    few = problem_of(reader.get(BOTH), 409, "too_few_shared_tips")
    assert "3 models" in few["detail"]
    problem_of(
        reader.get(of("acme/wolf", "founder", "child", "stranger")), 404, "not_fingerprinted"
    )
    other = f"/v1/tree/comparison?protocol={PROTOCOL}&against=lexical-v1"
    problem_of(reader.get(other), 409, "too_few_shared_tips")
