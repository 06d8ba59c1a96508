from starlette.testclient import TestClient

from app.records import WorkerRecord
from app.store import jobs, models, workers
from app.store.database import Database

WORKER = WorkerRecord("host:1:ab", "host", 1, "0.1", "broker", ("cpu", "gpu"), 2)


def test_an_idle_service_has_queues_and_no_workers(client: TestClient) -> None:
    answer = client.get("/v1/workers").json()
    assert answer["data"] == []
    assert [queue["name"] for queue in answer["queues"]] == ["cpu", "gpu", "large"]
    assert {queue["queued"] for queue in answer["queues"]} == {0}


def test_who_works_on_what(client: TestClient, registry: Database) -> None:
    with registry.write() as session:
        model = models.find(session, "founder")
        job, _ = jobs.submit(session, "extract", model.id, [])
        jobs.submit(session, "tree", None, [], queue="large")
        workers.show(session, WORKER, 60.0)
        assert jobs.claim(session, WORKER.id, 60.0, WORKER.queues)
    answer = client.get("/v1/workers").json()
    [worker] = answer["data"]
    [work] = worker["jobs"]
    assert (worker["id"], worker["hears_by"], worker["slots"]) == (WORKER.id, "broker", 2)
    assert (worker["queues"], worker["draining"]) == (["cpu", "gpu"], False)
    assert (work["job"], work["model"]["name"], work["stage"]) == (job.id, "founder", "starting")
    cpu, gpu, large = answer["queues"]
    assert (cpu["running"], cpu["queued"], cpu["workers"]) == (1, 0, 1)
    assert (gpu["running"], gpu["workers"]) == (0, 1)
    assert (large["queued"], large["workers"]) == (1, 0)


def test_a_job_without_a_model(client: TestClient, database: Database) -> None:
    with database.write() as session:
        jobs.submit(session, "tree", None, [])
        workers.show(session, WORKER, 60.0)
        assert jobs.claim(session, WORKER.id, 60.0)
    [worker] = client.get("/v1/workers").json()["data"]
    assert worker["jobs"][0]["model"] is None
