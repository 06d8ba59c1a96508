"""POST /v1/models:batch: many models at once, each with an outcome of its own."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api.body_limit import OF_PATHS
from app.services import register_batch as use_case
from app.store import jobs
from app.store.database import Database
from tests.api.test_problems import problem_of
from tests.store.threads import at_once

PATH = "/v1/models:batch"


@pytest.fixture
def refs(tmp_path: Path) -> list[str]:
    """Refs of directories that may be registered."""
    found = []
    for number in range(7):
        directory = tmp_path / f"model-{number}"
        directory.mkdir()
        (directory / "config.json").write_text("{}")
        found.append(f"local:{directory}")
    return found


def send(client: TestClient, refs: list[str], **more: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"models": [{"model": ref, **more} for ref in refs]})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize("chunk", [1, 3, 200])
def test_each_model_has_its_outcome(
    client: TestClient, refs: list[str], chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "CHUNK", chunk)
    wanted = [refs[2], "local:/elsewhere", refs[0], "nonsense", refs[2], refs[1]]
    body = send(client, wanted)
    assert [result["ref"] for result in body["results"]] == wanted
    codes = [(result["problem"] or {}).get("code") for result in body["results"]]
    assert codes == [None, "outside_roots", None, "bad_model_ref", None, None]
    statuses = [result["status"] for result in body["results"]]
    assert sorted((statuses.pop(0), statuses.pop(3))) == ["existing", "job"]
    assert statuses == ["job", "job"] or statuses == ["problem", "job", "problem", "job"]
    assert (body["jobs"], body["existing"], body["problems"]) == (3, 1, 2)
    assert body["results"][0]["job_id"] == body["results"][4]["job_id"]
    job = client.get(f"/v1/jobs/{body['results'][2]['job_id']}").json()
    assert job["model"]["id"] == body["results"][2]["model_id"]
    again = send(client, wanted)
    assert (again["jobs"], again["existing"]) == (0, 4)
    assert [one["job_id"] for one in again["results"]] == [one["job_id"] for one in body["results"]]


def test_what_cannot_be_asked_leaves_no_model(client: TestClient, refs: list[str]) -> None:
    body = send(client, refs[:2], protocols=["no-such-protocol"])
    assert {one["problem"]["code"] for one in body["results"]} == {"no_such_protocol"}
    assert client.get("/v1/models").json()["data"] == []


def test_claims_and_replicates_are_kept(client: TestClient, refs: list[str]) -> None:
    body = send(client, refs[:1], claims={"licence": "mit"}, replicates=2)
    model = client.get(f"/v1/models/{body['results'][0]['model_id']}").json()
    assert [claim["value"] for claim in model["claims"]] == ["mit"]
    assert len(model["jobs"]) == 3


def test_batches_at_once_make_every_job_once(
    client: TestClient, refs: list[str], database: Database
) -> None:
    orders = [refs, refs[::-1], refs[3:] + refs[:3], refs]
    bodies = at_once(lambda number: send(client, orders[number]), 4)
    assert sum(body["jobs"] for body in bodies) == len(refs)
    with database.read() as session:
        assert len(jobs.page(session, None, None, 100)) == len(refs)


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/body/models"),
        ({"models": []}, "/body/models"),
        ({"models": [{"model": "a/b"}] * 10_001}, "/body/models"),
        ({"models": [{"model": "a/b"}, {"model": ""}]}, "/body/models/1/model"),
        ({"models": ["a/b"]}, "/body/models/0"),
    ],
)
def test_what_is_no_batch(client: TestClient, sent: Any, pointer: str) -> None:
    body = problem_of(client.post(PATH, json=sent), 422, "invalid_request")
    assert [fault["pointer"] for fault in body["errors"]] == [pointer]


def test_its_body_may_be_larger_than_others(client: TestClient) -> None:
    limit = OF_PATHS[PATH]
    assert limit is not None
    said = client.post(PATH, content=b" " * (limit + 1))
    assert "16,384 KiB" in problem_of(said, 413, "request_too_large")["detail"]
    assert client.post(PATH, content=b" " * (1 << 20)).status_code == 422
