"""Who is there: shown, seen, expired, gone."""

from dataclasses import replace

from sqlalchemy import update

from app.records import WorkerRecord
from app.store import jobs, queues, workers
from app.store.clock import db_now
from app.store.database import Database
from app.store.rows import JobRow

ONE = WorkerRecord("host:1:ab", "host", 1, "0.1", "broker", ("cpu", "gpu"), 2)
TWO = WorkerRecord("host:2:cd", "host", 2, "0.1", "looking", ("large",), 1)


def show(database: Database, worker: WorkerRecord, for_s: float = 60.0) -> None:
    with database.write() as session:
        workers.show(session, worker, for_s)


def present(database: Database) -> list[WorkerRecord]:
    with database.read() as session:
        return workers.present(session)


def submit(database: Database, number: int, queue: str) -> str:
    with database.write() as session:
        return jobs.submit(session, "tree", None, ["p"], {"number": number}, queue)[0].id


def test_a_worker_is_there_while_it_shows_itself(database: Database) -> None:
    show(database, ONE)
    show(database, TWO)
    first, second = present(database)
    assert replace(first, started_at=0.0, seen_at=0.0) == ONE
    assert replace(second, started_at=0.0, seen_at=0.0) == TWO
    show(database, replace(ONE, is_draining=True))
    again = present(database)[0]
    assert again.is_draining
    assert again.started_at == first.started_at
    assert again.seen_at >= first.seen_at


def test_a_worker_that_no_longer_shows_itself_expires(database: Database) -> None:
    show(database, ONE, for_s=-1.0)
    show(database, TWO)
    assert [worker.id for worker in present(database)] == [TWO.id]
    with database.write() as session:
        assert workers.expire(session) == 1
        assert workers.expire(session) == 0


def test_a_worker_leaves(database: Database) -> None:
    show(database, ONE)
    with database.write() as session:
        workers.leave(session, ONE.id)
        workers.leave(session, "nobody")
    assert present(database) == []


def test_what_a_worker_holds_is_what_it_claimed(database: Database) -> None:
    mine = [submit(database, number, "cpu") for number in range(2)]
    theirs = submit(database, 2, "large")
    with database.write() as session:
        for _ in mine:
            assert jobs.claim(session, ONE.id, 60.0, ["cpu"])
        assert jobs.claim(session, TWO.id, 60.0, ["large"])
    with database.read() as session:
        held = workers.held(session, [ONE.id])
        others = workers.held(session, [TWO.id, "nobody"])
        now = session.scalar(db_now().select())
    assert [one.job_id for one in held] == mine
    assert [(one.job_id, one.worker_id) for one in others] == [(theirs, TWO.id)]
    assert now is not None
    assert 0 <= now - held[0].since < 60


def test_only_the_queues_that_are_served_are_claimed_from(database: Database) -> None:
    large, cpu = submit(database, 0, "large"), submit(database, 1, "cpu")
    with database.write() as session:
        assert jobs.claim(session, "me", 60.0, ["gpu"]) is None
        assert jobs.next_due_in(session, ["gpu"]) is None
        assert jobs.next_due_in(session, ["gpu", "cpu"]) == 0.0
        first = jobs.claim(session, "me", 60.0, ["gpu", "cpu"])
        second = jobs.claim(session, "me", 60.0)
    assert first is not None
    assert second is not None
    assert (first.id, first.queue) == (cpu, "cpu")
    assert (second.id, second.queue) == (large, "large")


def test_queues_are_counted(database: Database) -> None:
    ids = [submit(database, number, "cpu") for number in range(3)]
    submit(database, 3, "large")
    with database.write() as session:
        assert jobs.claim(session, "me", 60.0, ["cpu"])
        session.execute(
            update(JobRow).where(JobRow.id == ids[1]).values(due_at=JobRow.due_at - 100)
        )
        session.execute(update(JobRow).where(JobRow.queue == "large").values(due_at=db_now() + 99))
    with database.read() as session:
        cpu, large = queues.every(session)
        assert queues.due(session, "cpu", 10) == ids[1:]
        assert queues.due(session, "cpu", 1) == ids[1:2]
        assert queues.due(session, "large", 10) == []
    assert (cpu.name, cpu.queued, cpu.running) == ("cpu", 2, 1)
    assert 99 < cpu.due_s < 200
    assert (large.queued, large.running, large.due_s) == (1, 0, 0.0)
