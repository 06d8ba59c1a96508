"""Jobs over HTTP: lists, waiting, watching, cancelling; on a real server where time counts."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from app.dna.protocol import defaults
from app.records import JobRecord, ModelRef
from app.store import jobs, models, protocols
from app.store.database import Database
from tests.api.test_problems import problem_of

# Longer than any look at a job, shorter than a test may take.
SOON = 0.4


@pytest.fixture
def job(database: Database) -> JobRecord:
    """A queued job."""
    with database.write() as session:
        digests = [protocols.ensure(session, protocol).digest for protocol in defaults()]
        model = models.register(session, ModelRef("local", "/models/tiny", "0"))
        return jobs.submit(session, "extract", model.id, digests)[0]


@pytest.fixture
def http(server: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server, timeout=20) as client:
        yield client


def run(database: Database, *, succeed: bool = True) -> None:
    """Do the oldest due job as a worker does, in four changes (or two)."""
    with database.write() as session:
        claimed = jobs.claim(session, "a test", 60)
    assert claimed is not None
    with database.write() as session:
        jobs.progress(session, claimed, stage="score", done=1, total=2)
    if succeed:
        with database.write() as session:
            jobs.progress(session, claimed, stage="score", done=2, total=2)
        with database.write() as session:
            jobs.succeed(session, claimed)


def test_a_job_as_it_is_shown(client: TestClient, database: Database, job: JobRecord) -> None:
    shown = client.get(f"/v1/jobs/{job.id}")
    assert shown.headers["retry-after"] == "1"
    body = shown.json()
    assert set(body) == {
        "id", "kind", "queue", "model", "protocols", "replicate", "state", "stage", "progress",
        "usage", "cancel_requested", "lease_losses", "model_faults", "error", "version",
        "created_at", "updated_at",
    }  # fmt: skip
    assert (body["kind"], body["replicate"], body["usage"]) == ("extract", None, {})
    assert body["model"] == {"id": job.model_id, "name": "tiny"}
    assert body["protocols"] == ["likelihood-v1", "lexical-v1"]
    run(database)
    ended = client.get(f"/v1/jobs/{job.id}")
    assert "retry-after" not in ended.headers
    assert ended.json()["progress"] == {"done": 2, "total": 2}
    assert (ended.json()["state"], ended.json()["error"]) == ("succeeded", None)


def test_what_a_job_costs(client: TestClient, database: Database, job: JobRecord) -> None:
    with database.write() as session:
        claimed = jobs.claim(session, "a test", 60)
        assert claimed is not None
        for batch, cost in enumerate((0.25, 0.5)):
            used = {"prompt_tokens": 100, "completion_tokens": 7, "cost": cost}
            jobs.checkpoint(session, claimed, (job.protocols[0], batch), b"", used)
    usage = client.get(f"/v1/jobs/{job.id}").json()["usage"]
    assert usage == {"prompt_tokens": 200, "completion_tokens": 14, "cost": 0.75}


def test_why_a_job_failed(client: TestClient, database: Database, job: JobRecord) -> None:
    with database.write() as session:
        claimed = jobs.claim(session, "a test", 60)
        assert claimed is not None
        jobs.fail(session, claimed, "no_weights", "It holds no weights.")
    shown = client.get(f"/v1/jobs/{job.id}").json()
    assert shown["state"] == "failed"
    assert shown["error"] == {"code": "no_weights", "detail": "It holds no weights."}


def test_lists_by_state_newest_first(
    client: TestClient, database: Database, job: JobRecord
) -> None:
    run(database)
    with database.write() as session:
        likelihood = protocols.get(session, "likelihood-v1").digest
        newer, _ = jobs.submit(session, "extract", job.model_id, [likelihood])

    def ids(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"/v1/jobs?{query}").json()["data"]]

    assert ids("") == [newer.id, job.id]
    assert ids("state=queued") == [newer.id]
    assert ids("state=succeeded") == [job.id]
    assert ids("state=failed") == []
    first = client.get("/v1/jobs?limit=1")
    second = client.get(first.links["next"]["url"])
    assert [row["id"] for row in first.json()["data"] + second.json()["data"]] == ids("")
    problem_of(client.get("/v1/jobs?state=lost"), 422, "invalid_request")


def test_cancelling(client: TestClient, database: Database, job: JobRecord) -> None:
    cancelled = client.delete(f"/v1/jobs/{job.id}")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    problem_of(client.delete(f"/v1/jobs/{job.id}"), 409, "job_ended")
    problem_of(client.delete("/v1/jobs/job_nix"), 404, "no_such_job")


def test_cancelling_what_runs_is_a_request(
    client: TestClient, database: Database, job: JobRecord
) -> None:
    run(database, succeed=False)
    asked = client.delete(f"/v1/jobs/{job.id}").json()
    assert (asked["state"], asked["cancel_requested"]) == ("running", True)


def test_waiting_ends_with_the_job(http: httpx2.Client, database: Database, job: JobRecord) -> None:
    later = threading.Timer(SOON, run, [database])
    later.start()
    begun = time.monotonic()
    answer = http.get(f"/v1/jobs/{job.id}?wait=15").json()
    assert answer["state"] == "succeeded"
    assert SOON <= time.monotonic() - begun < 10
    later.join()


def test_waiting_ends_with_a_change(
    http: httpx2.Client, database: Database, job: JobRecord
) -> None:
    later = threading.Timer(SOON, run, [database], {"succeed": False})
    later.start()
    answer = http.get(f"/v1/jobs/{job.id}?wait=15&version={job.version}").json()
    assert answer["version"] > job.version
    assert answer["state"] == "running"
    later.join()


def test_waiting_ends_with_time(http: httpx2.Client, job: JobRecord) -> None:
    begun = time.monotonic()
    answer = http.get(f"/v1/jobs/{job.id}?wait=1")
    assert 1 <= time.monotonic() - begun < 10
    assert answer.json()["state"] == "queued"
    assert answer.headers["retry-after"] == "1"


def test_what_changed_already_is_not_waited_for(http: httpx2.Client, job: JobRecord) -> None:
    begun = time.monotonic()
    assert http.get(f"/v1/jobs/{job.id}?wait=15&version=0").json()["version"] == job.version
    problem_of(http.get("/v1/jobs/job_nix?wait=15"), 404, "no_such_job")
    assert time.monotonic() - begun < 10


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """Server-sent events from lines."""
    fields: dict[str, Any] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = json.loads(value) if name == "data" else value
        elif "data" in fields:
            yield fields
            fields = {}


def test_watching_to_the_end(http: httpx2.Client, database: Database, job: JobRecord) -> None:
    with http.stream("GET", f"/v1/jobs/{job.id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert "etag" not in stream.headers
        seen = events(stream.iter_lines())
        first = next(seen)
        assert (first["event"], first["id"]) == ("queued", str(job.version))
        run(database, succeed=False)
        names = [event["event"] for event in _until_version(seen, job.version + 2)]
        assert names in (["running"], ["running", "progress"])
        with database.write() as session:
            jobs.succeed(session, jobs.get(session, job.id))
        [last] = seen
    assert last["event"] == "succeeded"
    assert last["data"] == http.get(f"/v1/jobs/{job.id}").json()
    assert last["id"] == str(last["data"]["version"])


def _until_version(seen: Iterator[dict[str, Any]], version: int) -> Iterator[dict[str, Any]]:
    for event in seen:
        yield event
        if event["data"]["version"] >= version:
            return


def test_watching_goes_on_where_it_was_cut(
    http: httpx2.Client, database: Database, job: JobRecord
) -> None:
    run(database)
    with database.read() as session:
        version = jobs.get(session, job.id).version
    path = f"/v1/jobs/{job.id}/events"
    for known, names in ((0, ["succeeded"]), (version - 1, ["succeeded"]), (version, [])):
        answer = http.get(path, headers={"Last-Event-ID": str(known)})
        assert [event["event"] for event in events(iter(answer.text.splitlines()))] == names


def test_watching_nothing(http: httpx2.Client, job: JobRecord) -> None:
    problem_of(http.get("/v1/jobs/job_nix/events"), 404, "no_such_job")
    answer = http.get(f"/v1/jobs/{job.id}/events", headers={"Last-Event-ID": "-1"})
    problem_of(answer, 422, "invalid_request")


def test_watchers_and_waiters_take_nothing_from_others(
    server: str, http: httpx2.Client, job: JobRecord
) -> None:
    """More of them than the thread pool has threads, or the database connections."""
    limits = httpx2.Limits(max_connections=None)
    with ExitStack() as stack, httpx2.Client(base_url=server, timeout=20, limits=limits) as many:
        for _ in range(42):
            watched = stack.enter_context(many.stream("GET", f"/v1/jobs/{job.id}/events"))
            next(events(watched.iter_lines()))
        waiters = [
            threading.Thread(target=httpx2.get, args=[f"{server}/v1/jobs/{job.id}?wait=1"])
            for _ in range(42)
        ]
        for waiter in waiters:
            waiter.start()
        assert http.get("/v1/models").status_code == 200
        assert http.delete(f"/v1/jobs/{job.id}").status_code == 202
        for waiter in waiters:
            waiter.join()
