"""A request that comes twice is done once; what was answered is committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.records import JobRecord
from app.store import jobs, models
from app.store.database import Database
from tests.api.test_problems import problem_of
from tests.hub.server import Hub

KEY = {"Idempotency-Key": "a key; with *spaces*"}


def all_jobs(database: Database) -> list[JobRecord]:
    with database.read() as session:
        return jobs.page(session, None, None, 100)


def test_the_same_request_gets_the_same_answer(
    client: TestClient, database: Database, model_ref: str
) -> None:
    first = client.post("/v1/models", json={"model": model_ref}, headers=KEY)
    client.delete(first.headers["location"])  # without the key a new job would be made
    again = client.post("/v1/models", json={"model": model_ref, "claims": None}, headers=KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    for name in ("location", "retry-after"):
        assert again.headers[name] == first.headers[name]
    assert len(all_jobs(database)) == 1


def test_the_hub_is_not_asked_again(client: TestClient, hub: Hub, hub_folder: Path) -> None:
    hub.publish("acme/tiny", hub_folder)
    first = client.post("/v1/models", json={"model": "acme/tiny"}, headers=KEY)
    assert (first.status_code, len(hub.asked)) == (202, 1)
    hub.publish("acme/tiny", hub_folder)  # another commit: without the key another model
    again = client.post("/v1/models", json={"model": "acme/tiny"}, headers=KEY)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = client.post("/v1/models", json={"model": "acme/other"}, headers=KEY)
    problem_of(other, 422, "idempotency_key_reused")
    assert len(hub.asked) == 1


def test_another_request_is_refused(client: TestClient, database: Database, model_ref: str) -> None:
    client.post("/v1/models", json={"model": model_ref}, headers=KEY)
    other = {"model": model_ref, "claims": {"licence": "mit"}}
    response = client.post("/v1/models", json=other, headers=KEY)
    problem_of(response, 422, "idempotency_key_reused")
    with database.read() as session:
        assert models.claims_of(session, models.find(session, "tiny-model").id) == []


def test_a_failure_is_not_kept(client: TestClient, model_ref: str) -> None:
    later = Path(f"{model_ref.removeprefix('local:')}-later")
    refused = client.post("/v1/models", json={"model": f"local:{later}"}, headers=KEY)
    problem_of(refused, 422, "no_such_directory")
    later.mkdir()
    done = client.post("/v1/models", json={"model": f"local:{later}"}, headers=KEY)
    assert done.status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tin", "é"])
def test_keys_that_are_none(client: TestClient, model_ref: str, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    response = client.post("/v1/models", json={"model": model_ref}, headers=headers)
    problem_of(response, 422, "invalid_request")


def at_once(works: list[Callable[[], httpx2.Response]]) -> list[httpx2.Response]:
    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(work) for work in works]]


@pytest.mark.parametrize("keys", [[None] * 8, ["one"] * 8, ["one", "two", None, "three"] * 2])
def test_many_at_once_make_one_job(
    server: str, database: Database, model_ref: str, keys: list[str | None]
) -> None:
    def headers(key: str | None) -> dict[str, str]:
        return {} if key is None else {"Idempotency-Key": key}

    post = partial(httpx2.post, f"{server}/v1/models", json={"model": model_ref}, timeout=30)
    answers = at_once([partial(post, headers=headers(key)) for key in keys])
    assert {answer.status_code for answer in answers} <= {200, 202}
    [job] = all_jobs(database)
    assert {answer.json()["job"]["id"] for answer in answers} == {job.id}
    by_key: dict[str, set[Any]] = {}
    for key, answer in zip(keys, answers, strict=True):
        if key is not None:
            by_key.setdefault(key, set()).add((answer.status_code, answer.text))
    assert all(len(same) == 1 for same in by_key.values())
    new = [a for a in answers if a.status_code == 202 and "idempotent-replayed" not in a.headers]
    assert len(new) == 1


def test_what_was_answered_is_committed(
    server: str, database: Database, model_ref: str, tmp_path: Path
) -> None:
    """Another process that hears of a 202 finds the job, and of a cancel finds it cancelled."""
    with httpx2.Client(base_url=server, timeout=30) as client:
        for number in range(10):
            directory = tmp_path / f"model-{number}"
            directory.mkdir()
            with client.stream("POST", "/v1/models", json={"model": f"local:{directory}"}) as sent:
                assert sent.status_code == 202  # the headers came; nothing else was read
                [newest, *_] = all_jobs(database)
                assert sent.headers["location"].endswith(newest.id)
            with client.stream("DELETE", f"/v1/jobs/{newest.id}") as cancelled:
                assert cancelled.status_code == 202
                assert all_jobs(database)[0].state == "cancelled"
