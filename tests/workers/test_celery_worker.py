"""`genebank worker` rung by a real broker: done once, found when lost, given back when it ends."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from kombu import Connection

from app.broker.connection import TASK, Broker, full_name
from app.store import queues, workers
from tests import postgres
from tests.brokers import PASSWORD, Redis, own_redis, rabbitmq_url
from tests.workers.celery import SECRET, Registry, end


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    """A Redis of this module's own, which it may kill."""
    with own_redis() as one:
        yield one


@pytest.fixture(scope="module")
def registry(
    redis: Redis, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    """A registry on PostgreSQL with a worker and a reconciler at work."""
    with postgres.fresh_database(postgres_server) as url:
        one = Registry(tmp_path_factory.mktemp("celery"), url, redis.url)
        with one.program("worker", "--concurrency", "2"), one.program("reconciler"):
            # Any test may be the first here: tests run in two processes.
            while not one.present():
                time.sleep(0.05)
            yield one
        one.database.close()


def test_a_job_that_was_rung_for_is_done(registry: Registry) -> None:
    job = registry.submit(1)
    registry.ring()
    running = registry.await_job(job, lambda now: now.state != "queued")
    [worker] = registry.present()
    assert (worker.hears_by, worker.slots, worker.queues) == ("broker", 2, ("cpu", "gpu", "large"))
    if running.state == "running":
        with registry.database.read() as session:
            assert [one.job_id for one in workers.held(session, [worker.id])] in ([job], [])
    done = registry.await_job(job, lambda now: now.is_terminal)
    assert (done.state, done.fence) == ("succeeded", 1)


def test_the_parent_has_no_torch(registry: Registry) -> None:
    [worker] = registry.present()
    mapped = Path(f"/proc/{worker.pid}/maps").read_text()
    assert "python" in mapped
    assert "torch" not in mapped


def test_a_job_whose_message_was_lost_is_found(registry: Registry) -> None:
    began = time.monotonic()
    job = registry.submit(2)  # and nobody rings
    assert registry.await_job(job, lambda now: now.is_terminal).state == "succeeded"
    assert time.monotonic() - began < 60


def test_messages_that_come_twice_do_nothing(registry: Registry) -> None:
    job = registry.submit(3)
    broker = Broker(registry.broker_url)
    broker.ring("cpu", [job] * 20)
    done = registry.await_job(job, lambda now: now.is_terminal)
    broker.ring("cpu", [job, "job_that_never_was", "' OR 1=1"])
    while broker.waiting("cpu"):
        time.sleep(0.02)
    broker.close()
    after = registry.job(job)
    assert (after.state, after.fence, after.version) == ("succeeded", 1, done.version)


def test_hostile_messages_are_thrown_away(registry: Registry) -> None:
    """Whoever can write to the broker can ring, and nothing more."""
    queue = full_name("cpu")
    headers = {"lang": "py", "task": TASK, "id": "1", "root_id": "1"}
    with Connection(registry.broker_url) as connection, connection.Producer() as producer:
        for body, serializer, more in (
            ([["job_1"], {}, {}], "pickle", headers),
            ([["job_1"], {}, {}], "json", {**headers, "task": "os.system"}),
            ([[], {"job_id": {"$ne": 1}}, {}], "json", headers),
            ([[1, 2, 3], {}, {}], "json", headers),
            ([["job_1"], {}, {"chain": [{"task": TASK}]}], "json", headers),
            ("no list", "json", {}),
        ):
            producer.publish(
                body,
                routing_key=queue,
                exchange=queue,
                serializer=serializer,
                headers=more,
                correlation_id="1",
            )
    while registry.waiting():
        time.sleep(0.02)
    job = registry.submit(7)
    assert registry.await_job(job, lambda now: now.is_terminal).state == "succeeded"


def test_a_broker_that_was_killed_and_emptied_loses_nothing(
    registry: Registry, redis: Redis
) -> None:
    for number in range(4, 7):
        redis.kill()
        job = registry.submit(number)
        redis.start()
        assert registry.await_job(job, lambda now: now.is_terminal).state == "succeeded"
        assert registry.job(job).lease_losses == 0


def test_a_worker_that_was_killed_is_taken_over_from(registry: Registry) -> None:
    with registry.program("worker", "--queues", "gpu") as second:
        while not (mine := [one for one in registry.present() if one.pid == second.pid]):
            time.sleep(0.05)
        assert mine[0].queues == ("gpu",)
    # Killed: its row expires, and nothing of the others is touched.
    assert len(registry.present()) == 2
    with registry.database.read() as session:
        assert queues.every(session) == []


def test_no_secret_is_logged(registry: Registry) -> None:
    job = registry.submit(8)
    assert registry.await_job(job, lambda now: now.is_terminal).state == "succeeded"
    logged = registry.log.read_text()
    assert "job succeeded" in logged
    assert PASSWORD not in logged
    assert SECRET not in logged


def test_a_worker_that_is_asked_to_end_gives_its_jobs_back(
    redis: Redis, postgres_server: str, tmp_path: Path
) -> None:
    with postgres.fresh_database(postgres_server) as url:
        # Another database of the same Redis: workers of the other registry must not hear.
        one = Registry(tmp_path, url, redis.url.removesuffix("0") + "1")
        with one.program("worker", "--concurrency", "2", GENEBANK_GRACE_S="0") as worker:
            ids = [one.submit(number) for number in range(3)]
            one.ring()
            one.await_job(ids[1], lambda now: now.state == "running")
            assert end(worker) == 0
        for job in map(one.job, ids):
            assert (job.state, job.lease_losses, job.model_faults) == ("queued", 0, 0)
        assert [one.job(job_id).fence for job_id in ids] == [1, 1, 0]
        assert one.present() == []
        said = [json.loads(line)["event"] for line in one.log.read_text().splitlines()]
        assert said[-1] == "worker ended", "every line is one of ours"
        one.database.close()


def test_rabbitmq_rings_too(tmp_path: Path, sqlite_url: str) -> None:
    """Others may ring in the same RabbitMQ: it is rung until it was heard.

    Of one queue, since tests/broker counts what waits in another.
    """
    one = Registry(tmp_path, sqlite_url, rabbitmq_url())
    job = one.submit_vanished(1)
    with one.program("worker", "--queues", "cpu") as worker:
        while not one.job(job).is_terminal:
            one.ring()
            time.sleep(0.2)
        assert end(worker) == 0
    assert one.job(job).error_code == "unreadable"
    one.database.close()


def test_a_worker_without_a_broker_looks_by_itself_and_is_scraped(
    tmp_path: Path, sqlite_url: str
) -> None:
    one = Registry(tmp_path, sqlite_url, "")
    job = one.submit_vanished(1)
    with one.program("worker", "--metrics-port", "0") as worker:
        one.await_job(job, lambda now: now.is_terminal)
        [shown] = one.present()
        assert shown.hears_by == "looking"
        [said] = [
            line for line in map(json.loads, one.log.read_text().splitlines()) if "url" in line
        ]
        answer = httpx2.get(said["url"], trust_env=False)
        assert said["url"].startswith("http://127.0.0.1:")
        assert 'genebank_tries_total{end="failed",kind="extract"} 1.0' in answer.text
        assert end(worker) == 0
    assert one.present() == []
    one.database.close()
