"""The worker grows trees: when they are asked for, and when they are due."""

from dataclasses import replace

from app.queue import WorkerConfig, start_embedded
from app.services.trees.growing_standing import submit
from app.store import jobs, protocols, trees
from app.store.database import Database
from tests import planted
from tests.services.trees.growing import plant
from tests.workers.test_dispatcher import await_job, terminal


def asked(database: Database) -> str:
    with database.write() as session:
        job, _ = submit(session, protocols.get(session, planted.ANSWERS.digest))
    return job.id


def test_a_job_grows_a_tree(database: Database, config: WorkerConfig) -> None:
    plant(database, range(12))
    job_id = asked(database)
    worker = start_embedded(database, config)
    try:
        job = await_job(database, job_id, terminal)
    finally:
        worker.stop()
    assert (job.state, job.error_code) == ("succeeded", None)
    with database.read() as session:
        found = trees.latest(session, planted.ANSWERS.digest)
    assert found is not None
    assert found.tree.n_tips == 12


def test_a_tree_that_is_due_is_grown_after_any_job(
    database: Database, config: WorkerConfig
) -> None:
    plant(database, range(12))
    job_id = asked(database)
    worker = start_embedded(database, replace(config, tree_at_once=10))
    try:
        await_job(database, job_id, terminal)
        plant(database, range(12, 36))
        with database.write() as session:
            again, _ = jobs.submit(session, "tree", None, [planted.ANSWERS.digest], {"version": 7})
        await_job(database, again.id, terminal)
    finally:
        worker.stop()
    with database.read() as session:
        assert trees.latest_last_seq(session, planted.ANSWERS.digest) == 36
