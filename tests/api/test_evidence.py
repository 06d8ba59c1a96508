"""Evidence over HTTP: the same by ids and by names, and JSON whatever the models said."""

from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from app.dna.protocol import reported_vectors
from app.services.import_file import Method, import_file
from app.store.database import Database
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.api.test_readings import id_of
from tests.services.files import answers_line, write_lines, write_probes
from tests.store.making import add_vectors
from tests.synthetic import PROTOCOL

BOTH = "a=founder&b=child"


def test_evidence_by_id_and_by_name_are_the_same(reader: TestClient) -> None:
    a, b = id_of(reader, "founder"), id_of(reader, "child")
    for query in ("", "n=1", "n=2&protocol=lexical-v1"):
        by_id = reader.get(f"/v1/models/{a}/evidence/{b}?{query}")
        by_name = reader.get(f"/v1/evidence?{BOTH}&{query}")
        assert by_id.status_code == 200
        assert by_id.json() == by_name.json()


def test_evidence_of_passages(reader: TestClient) -> None:
    body = reader.get(f"/v1/evidence?{BOTH}&n=3").json()
    assert set(body) == {
        "a", "b", "protocol", "reference", "score", "value", "standing", "p_value", "q_value",
        "verdict", "flags", "probes", "most_for", "most_against", "null", "note",
    }  # fmt: skip
    assert (body["a"]["name"], body["b"]["name"]) == ("founder", "child")
    assert body["a"]["evidence"] == "weights"
    assert body["a"]["ref"].startswith("local:/models/founder@")
    assert body["protocol"]["name"] == "likelihood-v1"
    assert (body["reference"], body["null"]) == ({"version": 0}, None)
    assert (body["standing"], body["p_value"], body["verdict"]) == (None, None, "inconclusive")
    scores = [probe["score"] for probe in body["probes"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) / len(scores) == pytest.approx(body["value"])
    assert sorted(probe["index"] for probe in body["probes"]) == list(range(100))
    for side, order in (("most_for", body["probes"]), ("most_against", body["probes"][::-1])):
        assert [{k: p[k] for k in ("index", "score")} for p in body[side]] == order[:3]
        for probe in body[side]:
            assert probe["answers"] is None
            assert len(probe["words"]) == 10
            word = probe["words"][-1]
            assert set(word) == {"span", "a", "b", "expected", "score"}
            assert probe["text"][slice(*word["span"])] == probe["text"].split(" ")[-1]


def test_evidence_of_answers(reader: TestClient) -> None:
    body = reader.get("/v1/evidence?a=acme/wolf&b=wolf-chat").json()
    assert body["protocol"]["name"] == PROTOCOL
    assert "no reference" in body["note"]
    for probe in (*body["most_for"], *body["most_against"]):
        assert probe["words"] is None
        a, b = (probe["answers"][side] for side in "ab")
        assert (a["truncated"], a["draws"]) == (False, 1)
        for phrase in probe["answers"]["phrases"]:
            assert a["text"][slice(*phrase["a"])] == b["text"][slice(*phrase["b"])]
    assert any(probe["answers"]["phrases"] for probe in body["most_for"])


def test_a_pair_in_a_population_has_its_place(database: Database, tmp_path: Path) -> None:
    lines = [answers_line(f"m{i}", [f"word{i % 7} word{i % 5} word{i}"] * 3) for i in range(31)]
    file = write_lines(tmp_path / "answers.jsonl", lines)
    import_file(database, file, Method(write_probes(tmp_path / "probes.json")), lambda *_: None)
    with TestClient(make_app(database, tmp_path)) as client:
        body = client.get("/v1/evidence?a=m0&b=m1").json()
    assert body["reference"] == {"version": 1}
    null = body["null"]
    assert len(null["edges"]) == len(null["shares"]) + 1
    assert sum(null["counts"]["a"]) == sum(null["counts"]["b"]) == 29
    assert null["edges"][0] < body["standing"]
    assert 0 < body["p_value"] <= 1


def test_hostile_answers_are_plain_json(database: Database, tmp_path: Path) -> None:
    hostile = "\x1b[31m<script>alert(1)</script>\u202e\x00 \U0001f98a 'quoted' \\u0041"
    lines = [answers_line(name, [hostile * 200, hostile, ""]) for name in ("a", "b")]
    file = write_lines(tmp_path / "answers.jsonl", lines)
    import_file(database, file, Method(write_probes(tmp_path / "probes.json")), lambda *_: None)
    with TestClient(make_app(database, tmp_path)) as client:
        response = client.get("/v1/evidence?a=a&b=b")
    assert response.headers["content-type"] == "application/json"
    probes = {p["index"]: p for side in ("most_for", "most_against") for p in response.json()[side]}
    texts = [probes[index]["answers"]["a"]["text"] for index in range(3)]
    assert texts == [(hostile * 200)[:4000], hostile, ""]
    assert [probes[index]["answers"]["b"]["truncated"] for index in range(3)] == [
        True,
        False,
        False,
    ]


def test_what_has_no_evidence(reader: TestClient) -> None:
    for query, status, code in (
        ("a=founder&b=founder", 422, "same_model"),
        ("a=founder&b=acme/wolf", 404, "no_shared_protocol"),
        (f"{BOTH}&protocol={PROTOCOL}", 404, "not_fingerprinted"),
        (f"{BOTH}&protocol=likelihood-v2", 404, "no_such_protocol"),
        (f"{BOTH}&n=0", 422, "invalid_request"),
        (f"{BOTH}&n=51", 422, "invalid_request"),
        ("a=founder&b=wolf", 409, "ambiguous_model"),
        ("a=founder", 422, "invalid_request"),
    ):
        problem_of(reader.get(f"/v1/evidence?{query}"), status, code)
    missing = problem_of(reader.get("/v1/evidence?a=foundre&b=child"), 404, "no_such_model")
    assert missing["near"] == ["founder"]
    problem_of(reader.get("/v1/models/mdl_0/evidence/mdl_1"), 404, "no_such_model")


def test_vectors_have_a_score_but_nothing_to_show(client: TestClient, database: Database) -> None:
    add_vectors(database, reported_vectors("given", 3), np.eye(3))
    query = "a=v0 given&b=v1 given"
    problem_of(client.get(f"/v1/evidence?{query}"), 409, "no_probes_to_show")
    assert client.get(f"/v1/compare?{query}").status_code == 200
