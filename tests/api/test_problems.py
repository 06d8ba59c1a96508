"""Every way to fail is answered with a problem of RFC 9457 that says what to do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app import errors
from app.api import problems
from app.api.body_limit import MAX_BODY
from app.errors import (
    ConflictError,
    GenebankError,
    InputError,
    ModelError,
    NotFoundError,
    SetupError,
)
from app.store.jobs import FenceError

JSON = {"content-type": "application/json"}


def problem_of(response: Response, status: int, code: str) -> dict[str, Any]:
    """The problem in an answer, after a look at what all problems have in common."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"urn:genebank:problem:{code}"
    assert body["instance"].endswith(response.headers["x-request-id"])
    assert body["title"]
    assert body["detail"].endswith(".")
    return body


def test_every_class_of_errors_has_a_status() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    deliberate = {k for k in kinds if issubclass(k, GenebankError)} - {GenebankError}
    assert set(problems.STATUSES) == deliberate


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x", "Mend it."), 422),
        (InputError("outside_roots", "Not there."), 403),
        (ModelError("pickle_only", "Not that."), 422),
        (ModelError("gated", "Not ours."), 403),
        (NotFoundError("x", "No."), 404),
        (ConflictError("x", "No."), 409),
        (FenceError("job_1"), 409),
        (SetupError("x", "Mend it."), 503),
    ],
)
def test_table(error: GenebankError, status: int) -> None:
    assert problems.status_of(error) == status


@pytest.fixture
def broken(app: FastAPI) -> Iterator[TestClient]:
    """A client of an app with routes that fail."""

    def boom() -> None:
        raise RuntimeError("the password is swordfish")

    def away() -> None:
        raise SetupError("database_unavailable", "The database does not answer.")

    def half() -> None:
        raise NotFoundError("no_such_model", "No model is named '\ud800'.", ["\ud800"])

    for route in (boom, away, half):
        app.add_api_route(f"/{route.__name__}", route)
    with TestClient(app) as started:
        yield started


def test_the_unforeseen_tells_the_log_and_not_the_caller(broken: TestClient) -> None:
    with capture_logs() as lines:
        response = broken.get("/boom")
    body = problem_of(response, 500, "internal_error")
    assert response.headers["x-request-id"] in body["detail"]
    assert "swordfish" not in response.text
    [line] = [line for line in lines if line["log_level"] == "error"]
    assert line["exc_info"]


def test_an_operators_problem_may_be_tried_again_later(broken: TestClient) -> None:
    response = broken.get("/away")
    problem_of(response, 503, "database_unavailable")
    assert int(response.headers["retry-after"]) > 0


def test_half_a_surrogate_pair_does_not_break_the_answer(broken: TestClient) -> None:
    assert problem_of(broken.get("/half"), 404, "no_such_model")["near"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=x", "/query/limit"),
        ("cursor=%00", "/query/cursor"),
        ("model=", "/query/model"),
    ],
)
def test_pointers_into_the_query(reader: TestClient, query: str, pointer: str) -> None:
    body = problem_of(reader.get(f"/v1/models?{query}"), 422, "invalid_request")
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/body/model"),
        ({"model": 1}, "/body/model"),
        ({"model": "local:/x", "more": 1}, "/body/more"),
        ({"model": "local:/x", "a/b~c": 1}, "/body/a~1b~0c"),
        ({"model": "local:/x", "protocols": []}, "/body/protocols"),
        ({"model": "local:/x", "protocols": ["a", ""]}, "/body/protocols/1"),
        ({"model": "local:/x", "replicates": -1}, "/body/replicates"),
        ({"model": "local:/x", "replicates": 21}, "/body/replicates"),
        ({"model": "local:/x", "replicates": "2"}, "/body/replicates"),
        ({"model": "local:/x", "claims": {"released": "May"}}, "/body/claims/released"),
        ({"model": "local:/x", "claims": {"released": "2023-02-29"}}, "/body/claims/released"),
        ({"model": "local:/x", "claims": {"licence": "a\0b"}}, "/body/claims/licence"),
        ({"model": "\ud800"}, "/body/model"),
    ],
)
def test_pointers_into_the_body(reader: TestClient, sent: object, pointer: str) -> None:
    body = problem_of(
        reader.post("/v1/models", content=json.dumps(sent), headers=JSON), 422, "invalid_request"
    )
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"model":', 422, "invalid_request"),
        (b"", 422, "invalid_request"),
        (b"[1]", 422, "invalid_request"),
        (b"\xff", 400, "unreadable_body"),
        (b"[" * 60_000, 400, "unreadable_body"),
        (b"[" * (MAX_BODY + 1), 413, "request_too_large"),
    ],
)
def test_bodies_that_are_no_request(
    reader: TestClient, content: bytes, status: int, code: str
) -> None:
    problem_of(reader.post("/v1/models", content=content, headers=JSON), status, code)


def test_a_body_of_unknown_length_is_stopped(reader: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 1000 + 1):
            yield b" " * 1000

    response = reader.post("/v1/models", content=chunks(), headers=JSON)
    assert "content-length" not in response.request.headers
    problem_of(response, 413, "request_too_large")


def test_a_body_of_the_largest_size_is_read(reader: TestClient) -> None:
    content = b'{"model": "local:/nowhere"}'.ljust(MAX_BODY)
    problem_of(reader.post("/v1/models", content=content, headers=JSON), 403, "outside_roots")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/models/", "/v1/models/a/b", "/nix"])
def test_no_such_route(reader: TestClient, path: str) -> None:
    problem_of(reader.get(path, follow_redirects=False), 404, "no_such_route")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/models", {"GET", "POST"}),
        ("OPTIONS", "/v1/jobs/job_1", {"GET", "DELETE"}),
        ("DELETE", "/v1/tree", {"GET"}),
    ],
)
def test_another_method(reader: TestClient, method: str, path: str, allowed: set[str]) -> None:
    response = reader.request(method, path)
    problem_of(response, 405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) == allowed


def test_unknown_and_ambiguous_names(reader: TestClient) -> None:
    unknown = problem_of(reader.get("/v1/relatives?model=hern"), 404, "no_such_model")
    assert "beta/heron" in unknown["near"]
    ambiguous = problem_of(reader.get("/v1/relatives?model=wolf"), 409, "ambiguous_model")
    assert "import:acme/wolf@" in ambiguous["detail"]
    assert "import:beta/wolf@" in ambiguous["detail"]
    assert reader.get("/v1/relatives?model=acme/wolf").status_code == 200


def test_an_unknown_protocol_has_near_names(reader: TestClient) -> None:
    body = problem_of(
        reader.get("/v1/relatives?model=founder&protocol=likelihood"), 404, "no_such_protocol"
    )
    assert body["near"] == ["likelihood-v1"]
