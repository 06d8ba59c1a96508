"""Jobs by example; test_jobs_machine.py tries sequences, test_jobs_concurrently.py threads."""

import time

import pytest
from sqlalchemy import update

from app.errors import ConflictError, NotFoundError
from app.records import JobRecord
from app.store import jobs
from app.store.database import Database, Session
from app.store.jobs import MOST_LEASE_LOSSES, MOST_MODEL_FAULTS, FenceError
from app.store.rows import JobRow
from tests.store.making import make_due, make_model, move_lease

P = ("p" * 64, "q" * 64)


def submit(database: Database, label: str = "m", protocols: tuple[str, ...] = P) -> JobRecord:
    with database.write() as session:
        return jobs.submit(session, "extract", make_model(session, label).id, protocols)[0]


def claim(database: Database, lease_s: float = 60.0) -> JobRecord | None:
    with database.write() as session:
        return jobs.claim(session, "somebody", lease_s)


def _claim(session: Session) -> JobRecord:
    job = jobs.claim(session, "somebody", 60.0)
    assert job is not None
    return job


def claimed(database: Database) -> JobRecord:
    job = claim(database)
    assert job is not None
    return job


def current(database: Database, job: JobRecord) -> JobRecord:
    with database.read() as session:
        return jobs.get(session, job.id)


def test_a_job_goes_from_queued_to_succeeded(database: Database) -> None:
    job = submit(database)
    assert (job.state, job.stage, job.done, job.total) == ("queued", "", 0, 0)
    assert (job.protocols, job.version, job.fence) == (P, 1, 0)
    assert not job.is_terminal
    running = claimed(database)
    assert (running.id, running.state, running.stage) == (job.id, "running", "starting")
    with database.write() as session:
        jobs.progress(session, running, stage="score", done=0, total=2)
        jobs.checkpoint(session, running, ("p", 0), b"first")
        jobs.checkpoint(session, running, ("p", 1), b"second")
        jobs.progress(session, running, stage="answer", done=None, total=None)
    shown = current(database, job)
    assert (shown.stage, shown.done, shown.total) == ("answer", 2, 2)
    with database.write() as session:
        assert jobs.checkpoints(session, job.id) == {("p", 0): b"first", ("p", 1): b"second"}
        jobs.succeed(session, running)
    ended = current(database, job)
    assert ended.is_terminal
    assert (ended.state, ended.stage, ended.error_code) == ("succeeded", "done", None)
    assert ended.version > shown.version > running.version > job.version
    assert ended.updated_at >= running.updated_at >= job.created_at


def test_times_are_seconds_since_1970(database: Database) -> None:
    assert submit(database).created_at == pytest.approx(time.time(), abs=30)


def test_the_same_work_is_one_job_whatever_the_order_of_its_protocols(database: Database) -> None:
    job = submit(database)
    assert submit(database, protocols=P[::-1]) == job
    assert submit(database, protocols=P[:1]).id != job.id
    assert submit(database, "other").id != job.id
    with database.write() as session:
        again, is_new = jobs.submit(session, "extract", job.model_id, P)
        other, other_is_new = jobs.submit(session, "other kind", job.model_id, P)
    assert (again, is_new) == (job, False)
    assert (other.id != job.id, other_is_new) == (True, True)


def test_only_a_failed_or_cancelled_job_makes_way(database: Database) -> None:
    first = submit(database)
    with database.write() as session:
        jobs.cancel(session, first.id)
    second = submit(database)
    running = claimed(database)
    assert running.id == second.id != first.id
    with database.write() as session:
        jobs.fail(session, running, "bad_config", "Mend it.")
    third = submit(database)
    assert third.id not in (first.id, second.id)
    with database.write() as session:
        jobs.succeed(session, _claim(session))
    assert submit(database).id == third.id
    with database.read() as session:
        assert [job.id for job in jobs.of_model(session, third.model_id)] == [
            third.id,
            second.id,
            first.id,
        ]
        assert len(jobs.of_model(session, third.model_id, limit=2)) == 2


def test_the_longest_due_is_claimed_first_and_nothing_twice(database: Database) -> None:
    late, early = submit(database, "late"), submit(database, "early")
    with database.write() as session:
        make_due(session, early.id)
    assert [claimed(database).id for _ in range(2)] == [early.id, late.id]
    assert claim(database) is None


def test_what_is_taken_or_given_back_keeps_its_place_and_what_is_put_off_does_not(
    database: Database,
) -> None:
    first, second = submit(database, "first"), submit(database, "second")
    with database.write() as session:
        jobs.release(session, _claim(session))
    lost = claimed(database)
    assert lost.id == first.id
    with database.write() as session:
        move_lease(session, first.id, -1.0)
    with database.write() as session:
        jobs.reconcile(session)
    with database.write() as session:
        again = _claim(session)
        assert again.id == first.id
        jobs.delay(session, again, "hub_unavailable", "The hub is down.", 0.0)
    assert [claimed(database).id for _ in range(2)] == [second.id, first.id]


def test_the_third_fault_is_quarantine(database: Database) -> None:
    job = submit(database)
    for number in range(1, MOST_MODEL_FAULTS + 1):
        with database.write() as session:
            jobs.fault(session, _claim(session), "crashed", "The process crashed.")
        now = current(database, job)
        assert (now.model_faults, now.lease_losses) == (number, 0)
        assert (now.error_code, now.error_detail) == ("crashed", "The process crashed.")
        if number < 3:
            assert now.state == "queued"
            assert claim(database) is None, "it must wait before the next try"
            with database.read() as session:
                wait = jobs.next_due_in(session)
            assert wait == pytest.approx(2.0 * 2**number, abs=1.0)
            with database.write() as session:
                make_due(session, job.id)
    assert now.state == "quarantined"
    assert submit(database).id == job.id, "a new POST must not run it again"


def test_what_went_wrong_before_is_not_told_of_a_job_that_succeeded(database: Database) -> None:
    job = submit(database)
    with database.write() as session:
        jobs.fault(session, _claim(session), "crashed", "The process crashed.")
        make_due(session, job.id)
    with database.write() as session:
        jobs.succeed(session, _claim(session))
    now = current(database, job)
    assert (now.state, now.error_code, now.error_detail) == ("succeeded", None, None)
    assert now.model_faults == 1


def test_the_twentieth_lost_lease_is_the_end(database: Database) -> None:
    assert MOST_LEASE_LOSSES == 20
    job = submit(database)
    with database.write() as session:
        session.execute(update(JobRow).values(lease_losses=17))
    for number in range(18, 21):
        with database.write() as session:
            running = _claim(session)
            jobs.checkpoint(session, running, ("p", number), b"kept")
            move_lease(session, job.id, -1.0)
        with database.write() as session:
            assert jobs.reconcile(session) == 1
            assert jobs.reconcile(session) == 0
        now = current(database, job)
        assert (now.lease_losses, now.model_faults, now.fence) == (number, 0, number - 17)
        assert now.state == ("queued" if number < 20 else "failed")
    assert now.error_code == "lease_losses"
    with database.read() as session:
        assert jobs.checkpoints(session, job.id) == {}


def test_a_lease_that_was_lost_comes_back_with_its_checkpoints(database: Database) -> None:
    job = submit(database)
    first = claimed(database)
    with database.write() as session:
        jobs.checkpoint(session, first, ("p", 0), b"kept")
        move_lease(session, job.id, -1.0)
    with database.write() as session:
        jobs.reconcile(session)
    second = claimed(database)
    assert second.fence == first.fence + 1
    with database.read() as session:
        assert jobs.checkpoints(session, job.id) == {("p", 0): b"kept"}


def test_a_renewed_lease_is_not_lost(database: Database) -> None:
    job = submit(database)
    running = claim(database, lease_s=0.3)
    assert running is not None
    with database.write() as session:
        assert jobs.renew(session, running, 60.0) is False
    time.sleep(0.35)
    with database.write() as session:
        assert jobs.reconcile(session) == 0
        jobs.progress(session, running, stage="load", done=None, total=None)
    assert current(database, job).stage == "load"


def test_a_lease_runs_out_by_itself(database: Database) -> None:
    submit(database)
    running = claim(database, lease_s=0.05)
    assert running is not None
    time.sleep(0.1)
    with database.write() as session, pytest.raises(FenceError):
        jobs.renew(session, running, 60.0)
    with database.write() as session:
        assert jobs.reconcile(session) == 1


def test_a_batch_that_is_kept_twice_counts_as_it_was_last(database: Database) -> None:
    job = submit(database)
    running = claimed(database)
    for body in (b"first", b"second"):
        with database.write() as session:
            jobs.checkpoint(session, running, ("p", 0), body)
    with database.read() as session:
        assert jobs.checkpoints(session, job.id) == {("p", 0): b"second"}


def test_what_waits_is_cancelled_at_once_and_what_runs_is_asked_to(database: Database) -> None:
    waiting = submit(database)
    with database.write() as session:
        assert jobs.cancel(session, waiting.id).state == "cancelled"
    submit(database)
    running = claimed(database)
    with database.write() as session:
        assert jobs.cancel(session, running.id).state == "running"
    with database.write() as session:
        assert jobs.renew(session, running, 60.0) is True
        jobs.cancelled(session, running)
    assert current(database, running).state == "cancelled"
    for job in (waiting, running):
        with database.write() as session, pytest.raises(ConflictError, match="job_ended"):
            jobs.cancel(session, job.id)


def test_a_job_that_nobody_knows(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFoundError, match="no_such_job"):
        jobs.get(session, "job_unknown")
    with database.write() as session, pytest.raises(NotFoundError, match="no_such_job"):
        jobs.cancel(session, "job_unknown")


def test_a_job_that_is_given_back_is_due_at_once_and_a_delayed_one_later(
    database: Database,
) -> None:
    job = submit(database)
    with database.write() as session:
        jobs.release(session, _claim(session))
    with database.read() as session:
        assert jobs.next_due_in(session) == 0.0
    with database.write() as session:
        jobs.delay(session, _claim(session), "hub_unavailable", "The hub is down.", 40.0)
    with database.read() as session:
        assert jobs.next_due_in(session) == pytest.approx(40.0, abs=5.0)
    now = current(database, job)
    assert (now.state, now.model_faults, now.lease_losses) == ("queued", 0, 0)
    assert (now.error_code, now.error_detail) == ("hub_unavailable", "The hub is down.")


def test_no_job_waits(database: Database) -> None:
    with database.read() as session:
        assert jobs.next_due_in(session) is None
        assert jobs.count_by_state(session) == {}
    assert claim(database) is None


def test_pages_go_from_the_newest_to_the_oldest(database: Database) -> None:
    made = [submit(database, f"m{number}").id for number in range(7)]
    running = claimed(database)
    newest_first = sorted(made, reverse=True)
    seen: list[str] = []
    while True:
        with database.read() as session:
            page = jobs.page(session, None, seen[-1] if seen else None, 3)
        if not page:
            break
        seen += [job.id for job in page]
    assert seen == newest_first
    with database.read() as session:
        assert [job.id for job in jobs.page(session, "running", None, 9)] == [running.id]
        assert len(jobs.page(session, "queued", None, 9)) == 6
        assert jobs.count_by_state(session) == {"queued": 6, "running": 1}


def test_a_job_given_back_after_a_wish_to_cancel_is_cancelled(database: Database) -> None:
    with database.write() as session:
        model_id = make_model(session, "one").id
        job, _ = jobs.submit(session, "extract", model_id, ["p"])
        claimed = jobs.claim(session, "me", 60.0)
        assert claimed is not None
        jobs.cancel(session, job.id)
        jobs.release(session, claimed)
        assert jobs.get(session, job.id).state == "queued"
        jobs.reconcile(session)
        assert jobs.get(session, job.id).state == "cancelled"


def test_what_is_asked_beside_protocols_makes_another_job(database: Database) -> None:
    plain = submit(database)
    with database.write() as session:
        again, is_new = jobs.submit(session, "extract", plain.model_id, P, {"explicit": True})
    assert is_new
    assert again.options == {"explicit": True}
    assert plain.options == {}
    with database.write() as session:
        same, is_new = jobs.submit(session, "extract", plain.model_id, P, {"explicit": True})
    assert (same.id, is_new) == (again.id, False)


def test_what_batches_cost_adds_up_and_outlives_a_failure(database: Database) -> None:
    submit(database)
    job = claimed(database)
    for number, cost in enumerate((0.25, 0.5)):
        with database.write() as session:
            usage = {"prompt_tokens": 10, "cost": cost}
            jobs.checkpoint(session, job, ("p", number), b"", usage)
    with database.write() as session:
        jobs.checkpoint(session, job, ("p", 2), b"")
        jobs.fail(session, job, "no", "No.")
    assert current(database, job).usage == {"prompt_tokens": 20, "cost": 0.75}
