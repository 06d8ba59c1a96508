import json
from pathlib import Path

import pytest

from app.records import WorkerRecord
from app.store import jobs, schema, workers
from app.store.database import Database
from tests.cli.conftest import Run


@pytest.fixture
def busy(data_dir: Path) -> None:
    """A registry with a worker that has a job, while another job waits for nobody."""
    database = Database(f"sqlite:///{data_dir / 'genebank.db'}")
    schema.upgrade(database)
    worker = WorkerRecord("host:1:ab", "host\x1b[31m", 1, "0.1", "broker", ("cpu",), 2)
    with database.write() as session:
        jobs.submit(session, "tree", None, [])
        assert jobs.claim(session, worker.id, 60.0)
        jobs.submit(session, "tree", None, [], {"n": 1}, "large")
        workers.show(session, worker, 60.0)
    database.close()


@pytest.mark.usefixtures("busy")
def test_people_see_who_works_and_what_waits_for_nobody(run: Run) -> None:
    result = run("workers")
    assert result.exit_code == 0
    assert "working" in result.stdout
    assert "job_" in result.stdout
    assert "\x1b" not in result.stdout
    assert "No worker serves queue large" in result.stderr


@pytest.mark.usefixtures("busy")
def test_programs_get_what_the_api_says(run: Run) -> None:
    answer = json.loads(run("workers", "--json").stdout)
    assert answer["data"][0]["jobs"][0]["kind"] == "tree"
    assert [queue["queued"] for queue in answer["queues"]] == [0, 0, 1]


@pytest.mark.usefixtures("data_dir")
def test_nobody_is_there(run: Run) -> None:
    result = run("workers")
    assert result.exit_code == 0
    assert "genebank worker" in result.stderr
