"""What the registry says of models: relatives, DNA, comparison, protocols."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.dna.protocol import defaults, lexical_sampled_v1, likelihood_v1
from app.dna.strand import Strand
from app.records import ModelRef
from app.store import entries, models, protocols, replicates
from app.store.database import Database
from tests import related
from tests.api.test_problems import problem_of
from tests.synthetic import FAMILY, LOCAL, N_PROBES, PROTOCOL

DEFAULTS = ["likelihood-v1", "lexical-v1"]


def id_of(reader: TestClient, name: str) -> str:
    identity: str = reader.get("/v1/models", params={"model": name}).json()["data"][0]["id"]
    return identity


def test_relatives_under_each_protocol(reader: TestClient) -> None:
    body = reader.get("/v1/relatives?model=founder").json()
    assert set(body) == {"model", "copies", "combined", "rankings"}
    assert body["model"] == {"id": id_of(reader, "founder"), "name": "founder"}
    assert [ranking["protocol"]["name"] for ranking in body["rankings"]] == DEFAULTS
    for ranking in body["rankings"]:
        assert set(ranking) == {
            "protocol", "score", "reference", "population", "passed", "noise", "relatives", "note",
        }  # fmt: skip
        assert ranking["passed"] is None
        assert ranking["reference"] == {"version": 0}
        assert ranking["population"] == len(LOCAL)
        assert "30 models" in ranking["note"]
        scores = [relative["score"] for relative in ranking["relatives"]]
        assert scores == sorted(scores, reverse=True)
    likelihood = body["rankings"][0]
    assert likelihood["score"] == "surprise_correlation"
    assert [r["model"]["name"] for r in likelihood["relatives"]] == ["child", "stranger"]
    assert {r["verdict"] for r in likelihood["relatives"]} == {"inconclusive"}
    for unknown in ("p_value", "q_value", "standing"):
        assert {r[unknown] for r in likelihood["relatives"]} == {None}
    assert likelihood["relatives"][0]["model"]["ref"].startswith("local:/models/child@")
    assert [r["model"]["name"] for r in body["combined"]] == ["child", "stranger"]
    assert {r["protocol"]["name"] for r in body["combined"]} == {"likelihood-v1"}


def test_relatives_among_those_that_pass_a_filter(reader: TestClient) -> None:
    def ranked(query: str) -> tuple[int, list[str]]:
        body = reader.get(f"/v1/relatives?model=founder&protocol=likelihood-v1&{query}").json()
        [ranking] = body["rankings"]
        return ranking["passed"], [one["model"]["name"] for one in ranking["relatives"]]

    assert ranked("evidence=weights") == (len(LOCAL), ["child", "stranger"])
    assert ranked("evidence=reported") == (0, [])
    assert ranked("licence=no-such") == (0, [])
    assert ranked("family=stranger") == (1, ["stranger"])
    refused = reader.get("/v1/relatives?model=founder&family=strangr")
    problem_of(refused, 404, "no_such_family")
    refused = reader.get("/v1/relatives?model=founder&released_before=soon")
    problem_of(refused, 422, "invalid_request")
    assert reader.get("/v1/relatives?model=founder&evidence=hearsay").status_code == 422


def test_an_entry_that_must_be_seen(reader: TestClient) -> None:
    assert reader.get("/v1/relatives?model=founder&min_seq=1").status_code == 200
    refused = reader.get("/v1/relatives?model=founder&min_seq=999999")
    problem_of(refused, 409, "no_such_entry")
    assert reader.get("/v1/models?min_seq=0").status_code == 422


def test_relatives_by_id_and_by_name_are_the_same(reader: TestClient) -> None:
    for query in ("", "k=1", "k=1&protocol=lexical-v1", f"protocol={likelihood_v1().digest[:9]}"):
        by_id = reader.get(f"/v1/models/{id_of(reader, 'child')}/relatives?{query}")
        by_name = reader.get(f"/v1/relatives?model=child&{query}")
        assert by_id.status_code == 200
        assert by_id.json() == by_name.json()
    [ranking] = reader.get("/v1/relatives?model=child&k=1&protocol=lexical-v1").json()["rankings"]
    assert len(ranking["relatives"]) == 1


def test_relatives_of_what_has_no_entry(reader: TestClient) -> None:
    path = f"/v1/relatives?model=founder&protocol={PROTOCOL}"
    problem_of(reader.get(path), 404, "not_fingerprinted")


def test_dna(reader: TestClient, shared_registry: Database) -> None:
    with shared_registry.read() as session:
        entry = entries.get(session, models.find(session, "child"), likelihood_v1())
        expected = entries.dna(session, entry)
    body = reader.get("/v1/dna?model=child").json()
    assert set(body) == {"model", "protocol", "entry", "dna"}
    assert body["protocol"] == {"name": "likelihood-v1", "digest": likelihood_v1().digest}
    assert body["entry"]["id"] == entry.id
    np.testing.assert_array_equal(np.array(body["dna"], dtype=np.float32), expected)
    path = f"/v1/models/{id_of(reader, 'child')}/dna"
    assert reader.get(path).json() == body
    lexical = reader.get(path, params={"protocol": "lexical-v1"}).json()
    assert lexical["protocol"]["name"] == "lexical-v1"
    assert reader.get("/v1/dna?model=heron").json()["protocol"]["name"] == PROTOCOL
    problem_of(reader.get("/v1/dna?model=heron&protocol=lexical-v1"), 404, "not_fingerprinted")


def test_comparison(reader: TestClient) -> None:
    body = reader.get("/v1/compare?a=founder&b=child").json()
    assert (body["a"]["name"], body["b"]["name"]) == ("founder", "child")
    assert [score["protocol"]["name"] for score in body["scores"]] == DEFAULTS
    for score in body["scores"]:
        assert set(score) == {
            "protocol", "score", "value", "identical", "reference", "noise", "within_noise",
            "standing", "p_value", "q_value", "verdict", "flags",
        }  # fmt: skip
    assert (body["verdict"], body["decided_by"]["name"]) == ("inconclusive", "likelihood-v1")
    likelihood = body["scores"][0]
    far = reader.get("/v1/compare?a=founder&b=stranger").json()["scores"][0]
    assert likelihood["value"] > 0.9 > far["value"]
    assert not likelihood["identical"]
    posted = reader.post("/v1/compare", json={"a": "founder", "b": "child"})
    assert (posted.status_code, posted.json()) == (200, body)


def test_verdicts(client: TestClient, database: Database) -> None:
    related.fill(database)
    body = client.get("/v1/relatives?model=wolf&k=50").json()
    [ranking] = body["rankings"]
    assert ranking["reference"] == {"version": 1}
    assert "docs/relations.md" in ranking["note"]
    near = {name: word for name, (_, word) in related.NEAR.items()}
    found = {r["model"]["name"]: r for r in ranking["relatives"]}
    assert [*found][: len(near)] == [*near], "the nearest first"
    for name, relative in found.items():
        assert -1 <= relative["score"] <= 1
        assert 0 < relative["p_value"] <= relative["q_value"] <= 1
        if name in near:
            assert (relative["verdict"], relative["flags"]) == (near[name], [])
        elif name == related.DEAF:
            assert (relative["verdict"], relative["flags"]) == (
                "inconclusive",
                ["constant_answers"],
            )
        else:
            assert (relative["verdict"], relative["flags"]) == ("unrelated", [])
    combined = [{**one} for one in body["combined"]]
    assert {one.pop("protocol")["name"] for one in combined} == {"likelihood-v1"}
    assert combined[:3] == ranking["relatives"][:3]
    for name, word in near.items():
        compared = client.get("/v1/compare", params={"a": "wolf", "b": name}).json()
        assert compared["verdict"] == compared["scores"][0]["verdict"] == word
        assert compared["scores"][0]["standing"] == pytest.approx(found[name]["standing"])


def test_comparison_with_itself(reader: TestClient) -> None:
    for score in reader.get("/v1/compare?a=heron&b=heron").json()["scores"]:
        assert score["identical"]
        assert score["value"] == pytest.approx(1)


def test_comparison_across_protocols(reader: TestClient) -> None:
    problem_of(reader.get("/v1/compare?a=heron&b=founder"), 404, "no_shared_protocol")
    problem_of(reader.get("/v1/compare?a=heron&b=nix"), 404, "no_such_model")
    problem_of(reader.get("/v1/compare?a=heron"), 422, "invalid_request")


def test_protocols(reader: TestClient) -> None:
    rows = reader.get("/v1/protocols").json()["data"]
    assert [row["name"] for row in rows] == [PROTOCOL, *DEFAULTS, "lexical-sampled-v1"]
    assert [row["entries"] for row in rows] == [len(FAMILY), len(LOCAL), len(LOCAL), 0]
    assert [row["askable"] for row in rows] == [False, True, True, True]
    for row, protocol in zip(rows[1:3], defaults(), strict=True):
        assert row == {
            "name": protocol.name,
            "digest": protocol.digest,
            "probe_set": {
                "name": protocol.probe_set.name,
                "digest": protocol.probe_set.digest,
                "n_probes": protocol.n_probes,
            },
            "askable": True,
            "response": protocol.response,
            "generation": protocol.generation_settings,
            "encoder": {"name": protocol.encoder, "version": 1, "settings": {}},
            "strand": {"shape": list(protocol.shape), "dtype": protocol.dtype},
            "dna": {
                "size": {"likelihood": 1000, "answer": 1024}[protocol.response],
                "dim": 1024,
                "projection": "hadamard",
            },
            "entries": len(LOCAL),
            "reference": {"version": 0, "n_models": 0},
        }


def test_one_protocol(reader: TestClient) -> None:
    digest = reader.get(f"/v1/protocols/{PROTOCOL}").json()["digest"]
    body = reader.get(f"/v1/protocols/{digest}").json()
    assert body == reader.get(f"/v1/protocols/{digest[:8]}").json()
    assert len(body.pop("probes")) == N_PROBES
    assert body == reader.get("/v1/protocols").json()["data"][0]


def test_a_protocol_that_waits_for_its_first_model(reader: TestClient) -> None:
    protocol = lexical_sampled_v1()
    for name in (protocol.name, protocol.digest, protocol.digest[:8]):
        body = reader.get(f"/v1/protocols/{name}").json()
        assert (body["digest"], body["entries"]) == (protocol.digest, 0)
        assert body["generation"]["draws"] == 4
        for path in (
            "relatives?model=child&",
            "dna?model=child&",
            "tree?model=child&model=founder&",
        ):
            answer = reader.get(f"/v1/{path}protocol={name}")
            problem_of(answer, 404, "not_fingerprinted")
    missed = problem_of(reader.get("/v1/protocols/lexical-sampled"), 404, "no_such_protocol")
    assert missed["near"] == [protocol.name, "lexical-v1"]


def test_a_protocol_with_all_its_settings(client: TestClient, database: Database) -> None:
    settings = (("digest", "0" * 64), ("name", "mini"), ("normalise_rows", 0))
    protocol = replace(
        lexical_sampled_v1(),
        name="mine",
        encoder="sentence",
        encoder_settings=settings,
        projection="gaussian",
        dna_dim=128,
    )
    with database.write() as session:
        protocols.ensure(session, protocol)
    protocols._KNOWN.clear()
    body = client.get("/v1/protocols/mine").json()
    assert body["digest"] == protocol.digest
    assert body["encoder"] == {"name": "sentence", "version": 1, "settings": dict(settings)}
    assert body["dna"] == {"size": 128, "dim": 128, "projection": "gaussian"}


def repeat(database: Database, name: str, shifts: Sequence[float]) -> None:
    """Add replicates of a local model's likelihoods, each by a little more beside them."""
    with database.write() as session:
        model, protocol = models.find(session, name), likelihood_v1()
        [strand] = entries.strands(session, protocol, [entries.get(session, model, protocol)])
        for number, shift in enumerate(shifts, 1):
            tilted = strand + shift * np.arange(strand.size, dtype="f4").reshape(strand.shape)
            finding = entries.Finding(
                model, protocol, Strand(protocol.digest, tilted), [], "weights", {}
            )
            replicates.add(session, number, [finding])


def test_noise_stands_beside_every_score(client: TestClient, registry: Database) -> None:
    repeat(registry, "founder", [1e-4, 2e-4])
    model = client.get(f"/v1/models/{id_of(client, 'founder')}").json()
    likelihood, lexical = (entry["noise"] for entry in model["entries"])
    assert lexical is None
    assert likelihood["replicates"] == 2
    assert 0.99 < likelihood["lowest_score"] <= likelihood["mean_score"] < 1
    assert client.get("/v1/dna?model=founder").json()["entry"]["noise"] == likelihood
    by_likelihood, by_words = client.get("/v1/relatives?model=founder").json()["rankings"]
    assert (by_likelihood["noise"], by_words["noise"]) == (likelihood, None)
    assert {r["within_noise"] for r in by_likelihood["relatives"]} == {False}
    assert {r["within_noise"] for r in by_words["relatives"]} == {None}
    [of_child] = client.get("/v1/relatives?model=child&protocol=likelihood-v1").json()["rankings"]
    assert of_child["noise"] is None
    for a, b, noise in (
        ("founder", "child", {"a": likelihood, "b": None}),
        ("child", "founder", {"a": None, "b": likelihood}),
    ):
        compared, _ = client.get("/v1/compare", params={"a": a, "b": b}).json()["scores"]
        assert (compared["noise"], compared["within_noise"]) == (noise, False)


def test_what_cannot_be_told_from_a_rerun_is_said(client: TestClient, registry: Database) -> None:
    repeat(registry, "founder", [1e-2])
    body = client.get("/v1/relatives?model=founder").json()
    for relatives in (body["rankings"][0]["relatives"], body["combined"]):
        within = {r["model"]["name"]: r["within_noise"] for r in relatives}
        assert within == {"child": True, "stranger": False}
    for a, b in (("founder", "child"), ("child", "founder"), ("founder", "founder")):
        compared = client.get("/v1/compare", params={"a": a, "b": b}).json()["scores"]
        assert [score["within_noise"] for score in compared] == [True, None]


def test_copies_are_named_and_are_no_relatives(client: TestClient, registry: Database) -> None:
    with registry.write() as session:
        founder = models.find(session, "founder")
        copy = models.register(session, ModelRef("local", "/models/copy", "1"))
        assert founder.digest
        models.set_content(session, copy.id, founder.digest, {})
    shown = {"id": copy.id, "name": "copy"}
    body = client.get("/v1/relatives?model=founder&protocol=likelihood-v1").json()
    assert body["copies"] == [shown]
    names = [relative["model"]["name"] for relative in body["rankings"][0]["relatives"]]
    assert names == ["child", "stranger"]
    of_child = client.get("/v1/relatives?model=child&protocol=likelihood-v1").json()
    assert of_child["copies"] == []
    assert of_child["rankings"][0]["relatives"][0]["copies"] == [shown]
    [tip] = [t for t in client.get("/v1/tree").json()["tips"] if t["model"]["name"] == "founder"]
    assert tip["copies"] == [shown]
    assert client.get("/v1/compare?a=founder&b=copy").json()["scores"][0]["identical"]
