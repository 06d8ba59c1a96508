"""What every request has: an id, a version, one line in the log."""

import re

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app import __version__


def test_an_id_is_taken_or_given(reader: TestClient) -> None:
    asked = reader.get("/healthz", headers={"X-Request-ID": "trace-1.a_B"})
    assert asked.headers["x-request-id"] == "trace-1.a_B"
    first, second = (reader.get("/healthz").headers["x-request-id"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, "<script>", "a\tb"])
def test_an_odd_id_is_replaced(reader: TestClient, bad: str) -> None:
    given = reader.get("/healthz", headers={"X-Request-ID": bad}).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", given)


def test_the_version_is_on_every_answer(reader: TestClient) -> None:
    for path in ("/healthz", "/nix", "/v1/models", "/v1/jobs/x"):
        assert reader.get(path).headers["genebank-version"] == __version__


def test_one_line_a_request_without_what_the_caller_wrote(reader: TestClient) -> None:
    with capture_logs() as lines:
        reader.get("/v1/models/mdl_evil?protocol=evil")
    [line] = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/v1/models/{model_id}", 404)
    assert line["ms"] > 0
    assert "evil" not in str(line)
