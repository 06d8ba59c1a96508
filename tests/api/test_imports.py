"""POST /v1/imports and GET /v1/export: what comes in as lines, and goes out as lines."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.services.registry_file.importing import import_registry
from app.store import entries, models, protocols, schema
from app.store.database import Database
from tests.api.conftest import make_app
from tests.api.test_problems import problem_of
from tests.services.files import answers_line, vector_line
from tests.synthetic import FAMILY, LOCAL, N_PROBES, PROTOCOL

LINES = {"content-type": "application/x-ndjson"}


def body_of(*lines: bytes) -> bytes:
    return b"\n".join(lines) + b"\n"


VECTORS = body_of(vector_line("a/one"), vector_line("b/two", [3, 4, 5], released="2024-05"))


def chunks(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 7):
        yield data[start : start + 7]


@pytest.mark.parametrize("form", [bytes, gzip.compress, chunks])
def test_vectors_come_in(client: TestClient, database: Database, form: type) -> None:
    sent = form(VECTORS)
    answer = client.post("/v1/imports?name=mine", content=sent, headers=LINES)
    assert answer.status_code == 200, answer.text
    summary = answer.json()
    assert (summary["protocol"]["name"], summary["added"], summary["duplicates"]) == ("mine", 2, 0)
    again = client.post("/v1/imports?name=mine", content=VECTORS).json()
    assert (again["added"], again["duplicates"]) == (0, 2)
    assert again["duplicate_models"] == ["a/one", "b/two"]
    with database.read() as session:
        entry = entries.get(session, models.find(session, "two"), protocols.get(session, "mine"))
        assert entries.dna(session, entry).tolist() == [3, 4, 5]


def test_gzip_of_several_members_is_one_body(client: TestClient) -> None:
    sent = gzip.compress(VECTORS) + gzip.compress(body_of(vector_line("c/three")))
    assert client.post("/v1/imports?name=mine", content=sent).json()["added"] == 3


def test_answers_come_in_under_the_probes_of_a_protocol(registry: Database, tmp_path: Path) -> None:
    with TestClient(make_app(registry, tmp_path)) as client:
        line = answers_line("new", [f"word{n}" for n in range(N_PROBES)])
        answer = client.post(f"/v1/imports?probes={PROTOCOL}", content=line)
        assert answer.json()["protocol"]["name"] == PROTOCOL, answer.text
        # Those of a protocol that asks are answered under one that does not.
        line = answers_line("newer", [f"word{n}" for n in range(128)])
        answer = client.post("/v1/imports?probes=lexical-v1", content=line)
        assert answer.json()["protocol"]["name"] == "core-v1", answer.text


@pytest.mark.parametrize(
    ("query", "sent", "status", "code"),
    [
        ("", VECTORS, 422, "bad_usage"),
        ("probes=lexical-v1", VECTORS, 422, "bad_usage"),
        ("name=likelihood-v1", VECTORS, 409, "name_taken"),
        ("", answers_line("a"), 422, "bad_usage"),
        ("probes=likelihood-v1", answers_line("a"), 422, "bad_usage"),
        ("probes=nothing", answers_line("a"), 404, "no_such_protocol"),
        ("name=mine", VECTORS + b"{}\n", 422, "bad_line"),
        ("name=mine", b"", 422, "empty_file"),
        ("name=mine", b"x", 422, "bad_line"),
        ("name=mine", gzip.compress(VECTORS)[:-3], 422, "unreadable_body"),
        ("name=mine", gzip.compress(VECTORS) + b"more", 422, "unreadable_body"),
        ("name=mine", b'{"format": "genebank-registry-1"}', 422, "bad_usage"),
    ],
)
def test_what_cannot_come_in(
    client: TestClient, query: str, sent: bytes, status: int, code: str
) -> None:
    problem_of(client.post(f"/v1/imports?{query}", content=sent, headers=LINES), status, code)
    assert client.get("/v1/models").json()["data"] == []


@pytest.mark.parametrize("form", [bytes, gzip.compress, chunks])
def test_a_body_is_bounded_as_it_is_after_decompression(app: FastAPI, form: type) -> None:
    app.state.runtime.max_import_bytes = 999
    sent = form(vector_line("a").ljust(1000))
    with TestClient(app) as client:
        problem_of(client.post("/v1/imports?name=x", content=sent), 413, "request_too_large")
        assert client.post("/v1/imports?name=x", content=VECTORS.ljust(999)).status_code == 422
        assert client.post("/v1/imports?name=x", content=VECTORS).json()["added"] == 2


def test_everything_goes_out(reader: TestClient, tmp_path: Path) -> None:
    answer = reader.get("/v1/export")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert "etag" not in answer.headers
    assert json.loads(answer.text.splitlines()[-1])["end"] == {
        "models": len(FAMILY) + len(LOCAL),
        "entries": len(FAMILY) + 2 * len(LOCAL),
    }
    (tmp_path / "all.jsonl").write_bytes(answer.content)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    schema.upgrade(other)
    imported = import_registry(other, tmp_path / "all.jsonl", lambda *_: None)
    assert sum(part.added for part in imported) == len(FAMILY) + 2 * len(LOCAL)
    other.close()


def test_one_protocol_goes_out(reader: TestClient) -> None:
    lines = reader.get("/v1/export?protocol=likelihood-v1").text.splitlines()
    assert json.loads(lines[-1])["end"] == {"models": len(LOCAL), "entries": len(LOCAL)}
    problem_of(reader.get("/v1/export?protocol=nothing"), 404, "no_such_protocol")
