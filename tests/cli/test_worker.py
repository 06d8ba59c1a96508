"""`genebank worker` and `genebank reconciler`: what they refuse, and that it says no secret."""

import socket
import threading
from pathlib import Path

import pytest

from app.broker.connection import Broker
from app.cli.reconciler import reconcile
from app.records import WorkerRecord
from app.store import jobs, schema, workers
from app.store.database import Database
from tests.brokers import own_redis
from tests.cli.conftest import Run

VERBS = ("worker", "reconciler", "serve")


@pytest.fixture
def registry_dir(data_dir: Path) -> Path:
    """The folder of an empty registry, in the settings."""
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    database.close()
    return data_dir


@pytest.mark.usefixtures("registry_dir")
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://redis.example:6379/0", "without a password"),
        ("sqs://canary:canary@host", "must begin with"),
    ],
)
def test_a_broker_that_is_open_or_unknown_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, verb: str, url: str, said: str
) -> None:
    monkeypatch.setenv("GENEBANK_BROKER_URL", url)
    result = run(verb, *(("--port", "0") if verb == "serve" else ()))
    assert result.exit_code == 2
    assert said in result.stderr
    assert "canary" not in result.stdout + result.stderr
    assert "listens" not in result.stderr


@pytest.mark.usefixtures("registry_dir")
def test_a_reconciler_without_a_broker_says_that_none_is_needed(run: Run) -> None:
    result = run("reconciler")
    assert result.exit_code == 2
    assert "by themselves" in result.stderr


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize("words", [("--queues", "cpu,tpu"), ("--queues", ",")])
def test_queues_that_there_are_not(run: Run, words: tuple[str, ...]) -> None:
    result = run("worker", *words)
    assert result.exit_code == 2
    assert "GENEBANK_QUEUES" in result.stderr


@pytest.mark.usefixtures("registry_dir")
def test_a_port_for_metrics_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("worker", "--metrics-port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert "--metrics-port" in result.stderr


@pytest.mark.usefixtures("data_dir")
def test_a_database_without_tables_is_refused(run: Run) -> None:
    result = run("worker")
    assert result.exit_code == 2
    assert "genebank db upgrade" in result.stderr


def test_two_reconcilers_take_back_and_ring(registry_dir: Path) -> None:
    database = Database(f"sqlite:///{registry_dir / 'genebank.db'}")
    lost = WorkerRecord("host:1:ab", "host", 1, "0.1", "broker", ("cpu",), 1)
    with database.write() as session:
        job, _ = jobs.submit(session, "tree", None, [])
        workers.show(session, lost, -1.0)
        assert jobs.claim(session, lost.id, -1.0)
    asked = threading.Event()
    with own_redis() as redis:
        seen = Broker(redis.url)
        both = [
            threading.Thread(target=reconcile, args=(database, Broker(redis.url), asked))
            for _ in range(2)
        ]
        for one in both:
            one.start()
        while not seen.waiting("cpu"):
            both[0].join(0.02)
        asked.set()
        for one in both:
            one.join()
        assert 1 <= seen.waiting("cpu") <= 2, "each may have rung once, and none again"
        seen.close()
    with database.read() as session:
        now = jobs.get(session, job.id)
        assert (now.state, now.lease_losses) == ("queued", 1)
        assert workers.present(session) == []
    database.close()
