"""Rates and traits over HTTP, of families that change with time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.store import schema
from app.store.database import Database
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.evolving import LABELS, PROTOCOL, SIZES, fill, released


@pytest.fixture(scope="module")
def evolving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a registry with the families of tests/evolving.py."""
    folder: Path = tmp_path_factory.mktemp("evolving")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, folder)
    with TestClient(make_app(database, folder)) as started:
        yield started
    database.close()


def test_rates_of_declared_families(evolving: TestClient) -> None:
    body = evolving.get("/v1/rates").json()
    assert set(body) == {"tree", "signal", "replicates", "families", "comparison", "unmatched"}
    assert body["tree"]["protocol"]["name"] == PROTOCOL
    assert (body["tree"]["rooting"], body["tree"]["n_tips"]) == ("midpoint", len(LABELS))
    assert body["tree"]["distance"] == "angular"
    assert body["signal"]["n_dated"] == len(LABELS)
    assert (body["replicates"], body["unmatched"]) == (50, [])
    families = {one["family"]: one for one in body["families"]}
    assert {name: one["n_models"] for name, one in families.items()} == {
        f"{family}-0": n for family, n in SIZES.items()
    }
    red, blue, few = (families[f"{family}-0"] for family in SIZES)
    assert red["verdict"] == blue["verdict"] == "measured"
    assert red["low"] <= red["rate"] <= red["high"]
    assert red["rate"] > blue["rate"]
    assert red["low"] > 0
    assert (red["first"], red["last"]) == (released(0), released(7))
    assert (few["verdict"], few["rate"], few["n_dated"]) == ("inconclusive", None, 3)
    assert "too few" in few["why"]
    comparison = body["comparison"]
    assert (comparison["verdict"], comparison["n_families"]) == ("different", 2)
    assert comparison["p_value"] <= 0.05
    [pair] = comparison["differences"]
    assert {pair["a"], pair["b"]} == {"red-0", "blue-0"}


def test_replicates_widen_intervals(evolving: TestClient) -> None:
    def widths(replicates: int) -> list[float]:
        families = evolving.get("/v1/rates", params={"replicates": replicates}).json()["families"]
        return [one["high"] - one["low"] for one in families if one["rate"] is not None]

    assert all(more > less for more, less in zip(widths(20), widths(0), strict=True))


def test_families_and_dates_of_the_caller(evolving: TestClient) -> None:
    families = {label: "mine" for label in LABELS if label.startswith("red")}
    told = {"families": {**families, "nobody": "mine"}, "released": {"red-7": "2026-01-05"}}
    body = evolving.post("/v1/rates", json={**told, "replicates": 0}).json()
    [mine] = body["families"]
    assert (mine["family"], mine["n_models"], mine["last"]) == ("mine", 8, "2026-01-05")
    assert body["unmatched"] == ["nobody"]
    assert body["comparison"]["verdict"] == "inconclusive"
    assert body["comparison"]["p_value"] is None


def test_the_root_may_be_chosen(evolving: TestClient) -> None:
    for query in (
        "rooting=midpoint",
        "rooting=minimum_variance",
        "rooting=outgroup&outgroup=few-0",
    ):
        body = evolving.get(f"/v1/rates?replicates=3&{query}").json()
        assert body["tree"]["rooting"] in query
        assert body["tree"]["fit"]
    some = "&".join(f"model={label}" for label in LABELS[:8])
    body = evolving.get(f"/v1/rates?{some}").json()
    assert (body["tree"]["n_tips"], len(body["families"])) == (8, 1)
    assert body["families"][0]["origin"]["name"] == "red/red-0"


def test_traits_that_the_registry_knows(evolving: TestClient) -> None:
    body = evolving.get("/v1/traits").json()
    assert set(body) == {"tree", "signal", "traits", "unmatched"}
    found = {one["trait"]: one for one in body["traits"]}
    assert set(found) == {"family", "organisation", "architecture", "model_type", "release"}
    for trait in ("family", "organisation"):
        assert found[trait]["verdict"] == "followed"
        assert (found[trait]["kind"], found[trait]["n"], found[trait]["n_kinds"]) == (
            "kinds",
            19,
            3,
        )
        assert (found[trait]["statistic"], found[trait]["effect"]) == (2, 1)
        assert found[trait]["expected"] > 5
        assert found[trait]["p_value"] <= found[trait]["q_value"] <= 0.01
    assert found["release"]["kind"] == "order"
    assert found["architecture"]["verdict"] == "inconclusive"
    assert found["architecture"]["p_value"] is None
    assert "0 models" in found["architecture"]["why"]
    [one] = evolving.get("/v1/traits?trait=family").json()["traits"]
    assert one["trait"] == "family"


def test_traits_of_the_caller(evolving: TestClient) -> None:
    told = {
        "colour": {label: label[:3] for label in LABELS},
        "size": {label: label[-1] for label in LABELS},
        "since": {label: f"202{label[-1]}-01" for label in LABELS},
        "odd": {"red-0": "x", "red-1": "y"},
    }
    body = evolving.post("/v1/traits", json={"traits": told, "trait": ["organisation"]}).json()
    found = {one["trait"]: one for one in body["traits"]}
    assert list(found) == ["organisation", *told]
    assert [one["kind"] for one in found.values()] == ["kinds", "kinds", "order", "order", None]
    assert found["colour"]["verdict"] == "followed"
    assert found["odd"]["verdict"] == "inconclusive"


def test_problems(evolving: TestClient) -> None:
    for path in ("rates", "traits"):
        problem_of(evolving.get(f"/v1/{path}?model=red-0&model=green"), 404, "no_such_model")
        problem_of(evolving.get(f"/v1/{path}?rooting=outgroup"), 409, "bad_outgroup")
        problem_of(evolving.get(f"/v1/{path}?protocol=nothing"), 404, "no_such_protocol")
        problem_of(evolving.get(f"/v1/{path}?rooting=longest"), 422, "invalid_request")
        problem_of(evolving.post(f"/v1/{path}", json={"released": {"a": "May"}}), 422,
                   "invalid_request")  # fmt: skip
        outgroup = "rooting=outgroup&outgroup=red-0&outgroup=blue-0"
        problem_of(evolving.get(f"/v1/{path}?{outgroup}"), 409, "bad_outgroup")
    problem_of(evolving.get("/v1/traits?trait=taste"), 422, "invalid_request")
