"""Rings over real brokers: enough of them, none too many, and none before a commit."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import update

from app.broker import bells
from app.broker.bells import Bell, ring_due
from app.broker.connection import TASK, Broker, full_name
from app.errors import SetupError
from app.store import jobs
from app.store.database import Database
from app.store.rows import JobRow
from tests.brokers import PASSWORD, Redis, rabbitmq_url


def submit(database: Database, number: int, queue: str = "cpu") -> str:
    with database.write() as session:
        return jobs.submit(session, "tree", None, ["p"], {"number": number}, queue)[0].id


@pytest.fixture
def broker(redis: Redis) -> Iterator[Broker]:
    opened = Broker(redis.url)
    yield opened
    opened.close()


@pytest.fixture
def bell(database: Database, redis: Redis) -> Iterator[Bell]:
    hung = Bell(database, redis.url)
    yield hung
    hung.stop()


def await_true(true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_there_are_as_many_messages_as_due_jobs(database: Database, broker: Broker) -> None:
    assert ring_due(database, broker) == 0
    for number in range(3):
        submit(database, number)
    submit(database, 3, "gpu")
    assert ring_due(database, broker) == 4
    assert [broker.waiting(queue) for queue in ("cpu", "gpu", "large")] == [3, 1, 0]
    assert ring_due(database, broker) == 0, "nothing is missing"
    submit(database, 4)
    assert ring_due(database, broker) == 1


def test_what_is_not_due_or_runs_is_not_rung_for(database: Database, broker: Broker) -> None:
    for number in range(2):
        submit(database, number)
    with database.write() as session:
        assert jobs.claim(session, "a test", 60.0)
        session.execute(
            update(JobRow).where(JobRow.state == "queued").values(due_at=JobRow.due_at + 3600)
        )
    assert ring_due(database, broker) == 0


def test_what_a_broker_lost_is_rung_again(database: Database, broker: Broker, redis: Redis) -> None:
    submit(database, 0)
    assert ring_due(database, broker) == 1
    redis.kill()
    with pytest.raises(SetupError, match="broker_unavailable") as caught:
        ring_due(database, broker)
    assert PASSWORD not in str(caught.value)
    redis.start()
    assert ring_due(database, broker) == 1


def test_a_broker_is_not_filled_without_bound(
    database: Database, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bells, "MOST_WAITING", 3)
    for number in range(5):
        submit(database, number)
    assert ring_due(database, broker) == 3
    assert ring_due(database, broker) == 0


def test_a_message_carries_an_id_and_nothing_else(
    database: Database, broker: Broker, redis: Redis
) -> None:
    job = submit(database, 0)
    ring_due(database, broker)
    with broker._connected() as connection, connection.SimpleQueue(full_name("cpu")) as queue:
        message = queue.get(timeout=5)
        message.ack()
    assert message.headers["task"] == TASK
    assert message.payload[:2] == [[job], {}]


def test_a_bell_rings_for_what_is_committed(database: Database, bell: Bell, broker: Broker) -> None:
    submit(database, 0)
    bell.ring()
    await_true(lambda: broker.waiting("cpu") == 1)


def test_no_message_leaves_before_the_commit(
    database: Database, bell: Bell, broker: Broker
) -> None:
    with database.write() as session:
        jobs.submit(session, "tree", None, ["p"])
        if not database.is_sqlite:  # where a reader does not wait for a writer
            assert ring_due(database, broker) == 0
        session.rollback()
    bell.ring()
    bell.stop()
    assert broker.waiting("cpu") == 0


def test_nobody_waits_for_a_broker_that_is_away(
    database: Database, bell: Bell, redis: Redis
) -> None:
    redis.kill()
    submit(database, 0)
    began = time.monotonic()
    bell.ring()
    assert time.monotonic() - began < 1
    redis.start()


def test_a_bell_that_nobody_rang_has_no_thread(database: Database, bell: Bell) -> None:
    assert "bell" not in {thread.name for thread in threading.enumerate()}


def test_the_wrong_password_is_said_without_it(database: Database, redis: Redis) -> None:
    broker = Broker(redis.url.replace(PASSWORD, "canary-that-is-wrong"))
    with pytest.raises(SetupError, match="broker_unavailable") as caught:
        broker.waiting("cpu")
    assert "canary" not in str(caught.value)
    broker.close()


# RabbitMQ is the machine's own, one for all tests: of one database, so that nobody else is there.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_rabbitmq_is_rung_by_its_url(database: Database) -> None:
    broker = Broker(rabbitmq_url())
    before = broker.waiting("large")
    for number in range(before + 2):
        submit(database, number, "large")
    assert ring_due(database, broker) == 2
    await_true(lambda: broker.waiting("large") == before + 2)
    with broker._connected() as connection, connection.SimpleQueue(full_name("large")) as queue:
        for _ in range(2):
            queue.get(timeout=5).ack()
    broker.close()
