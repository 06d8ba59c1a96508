"""Each kind of damage is found where it belongs, and mended where that is possible."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import delete, select, update

from app.search.candidates import Candidates
from app.services.invariants.examining import Scope, examine, invariants
from app.services.invariants.outcome import Outcome, outcome
from app.store import jobs, protocols, schema, withdrawals
from app.store.clock import db_now
from app.store.database import Database, Session
from app.store.rows import (
    CheckpointRow,
    DnaRow,
    EntryRow,
    JobRow,
    ModelRow,
    ReferenceRow,
    ResponsesRow,
    StrandRow,
    TreeRow,
)
from tests.services.trees import growing
from tests.store.making import move_lease


@pytest.fixture
def session(shared_registry: Database) -> Iterator[Session]:
    """A session that may damage the registry: whatever it does is undone."""
    with contextlib.suppress(InterruptedError), shared_registry.write() as opened:
        yield opened
        raise InterruptedError


def look(session: Session, *, everything: bool = False, repair: bool = False) -> dict[str, Outcome]:
    scope = Scope(Candidates(), everything)
    found = {}
    for one in invariants(scope, protocols.every(session)):
        mended = one.mend(session) if repair and one.mend is not None else 0
        found[one.name] = outcome(one.name, one.look(session), mended)
    return found


def broken(session: Session) -> set[str]:
    return {one.name for one in look(session).values() if one.findings}


def first(session: Session) -> EntryRow:
    return session.scalars(select(EntryRow).order_by(EntryRow.seq)).first()  # type: ignore[return-value]


def submitted(session: Session) -> str:
    model_id = session.scalars(select(ModelRow.id)).first()
    job, _ = jobs.submit(session, "replicate", model_id, [first(session).protocol_digest])
    return job.id


def test_a_registry_that_nothing_happened_to_is_whole(shared_registry: Database) -> None:
    for everything in (False, True):
        scope = Scope(Candidates(), everything)
        found = list(examine(shared_registry, scope, repair=True))
        assert [one.name for one in found if one.findings or one.mended] == []
        assert len(found) == 14


def test_an_empty_registry_is_whole(database: Database) -> None:
    assert not any(one.findings for one in examine(database, Scope(Candidates()), repair=False))


def test_repairs_are_committed(database: Database) -> None:
    with database.write() as session:
        job, _ = jobs.submit(session, "tree", None, ["p"], queue="attic")
    [found] = [one for one in examine(database, Scope(Candidates()), repair=True) if one.mended]
    assert (found.findings, found.examples, found.mended) == (0, (), 1)
    with database.read() as session:
        assert jobs.get(session, job.id).queue == "cpu"


def test_jobs_that_wait_or_run_as_they_should_are_no_finding(session: Session) -> None:
    submitted(session)
    jobs.claim(session, "somebody", 60.0)
    jobs.submit(session, "extract", None, ["other"])
    assert broken(session) == set()


Damage = Callable[[Session], object]


def _lost(session: Session) -> None:
    job_id = submitted(session)
    jobs.claim(session, "somebody", 60.0)
    move_lease(session, job_id, -3600.0)


def _far(session: Session) -> None:
    session.execute(
        update(JobRow)
        .where(JobRow.id == submitted(session))
        .values(due_at=db_now() + 10 * 24 * 3600)
    )


def _nowhere(session: Session) -> None:
    session.execute(update(JobRow).where(JobRow.id == submitted(session)).values(queue="attic"))


def _left_over(session: Session) -> None:
    job_id = submitted(session)
    session.add(CheckpointRow(job_id=job_id, protocol_digest="p", batch=0, body=b"x"))
    session.execute(update(JobRow).where(JobRow.id == job_id).values(state="failed"))


def _dna(body: bytes) -> Damage:
    return lambda session: session.execute(
        update(DnaRow).where(DnaRow.entry_id == first(session).id).values(body=body)
    )


def _without_dna(session: Session) -> None:
    session.execute(delete(DnaRow).where(DnaRow.entry_id == first(session).id))


def _other_dna(session: Session) -> None:
    entry = first(session)
    row = session.get_one(DnaRow, entry.id)
    session.execute(update(DnaRow).where(DnaRow.entry_id == entry.id).values(body=row.body[::-1]))


def _working_on(session: Session) -> None:
    job_id = submitted(session)
    withdrawals.withdraw(session, jobs.get(session, job_id).model_id or "", "forged")
    session.execute(update(JobRow).where(JobRow.id == job_id).values(state="queued"))


def _named_again(session: Session) -> None:
    withdrawals.withdraw(session, first(session).model_id, "forged")
    session.execute(update(EntryRow).where(EntryRow.seq == 1).values(withdrawn=False))


def _hidden(session: Session) -> None:
    session.execute(update(EntryRow).where(EntryRow.seq == 1).values(withdrawn=True))


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_lost, "jobs are at an end or moving"),
        (_far, "jobs are at an end or moving"),
        (_nowhere, "jobs are at an end or moving"),
        (_left_over, "ended jobs left nothing"),
        (_dna(b"short"), "entries have all parts"),
        (_without_dna, "entries have all parts"),
        (_other_dna, "entries hold what their strands say"),
        (_working_on, "withdrawn models do nothing"),
        (_named_again, "entries are withdrawn as their models are"),
        (_hidden, "entries are withdrawn as their models are"),
    ],
)
def test_what_can_be_mended_is_found_and_mended(
    session: Session, damage: Damage, name: str
) -> None:
    damage(session)
    found = look(session)[name]
    assert (found.findings, len(found.examples)) == (1, 1)
    mended = look(session, repair=True)[name]
    assert (mended.findings, mended.mended) == (0, 1)
    assert broken(session) == set()


def _succeeded(session: Session) -> None:
    model_id = session.scalars(select(ModelRow.id)).first()
    job, _ = jobs.submit(session, "extract", model_id, ["no protocol"])
    session.execute(update(JobRow).where(JobRow.id == job.id).values(state="succeeded"))


def _gap(session: Session) -> None:
    entry = first(session)
    session.execute(update(EntryRow).where(EntryRow.id == entry.id).values(seq=1000))


def _estranged(session: Session) -> None:
    session.execute(
        update(ModelRow).where(ModelRow.id == first(session).model_id).values(digest="other")
    )


def _without(row: type) -> Damage:
    return lambda session: session.execute(
        delete(row).where(row.entry_id == first(session).id)  # type: ignore[attr-defined]
    )


def _unreadable(session: Session) -> None:
    entry = first(session)
    session.execute(
        update(ResponsesRow).where(ResponsesRow.entry_id == entry.id).values(body=b"no zlib")
    )


def _not_finite(session: Session) -> None:
    row = session.get_one(StrandRow, first(session).id)
    session.execute(
        update(StrandRow)
        .where(StrandRow.entry_id == row.entry_id)
        .values(body=b"\xff" * len(row.body))
    )


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (_succeeded, "jobs that succeeded made an entry"),
        (_gap, "entries are numbered without gaps"),
        (_estranged, "entries have their model's digest"),
        (_without(StrandRow), "entries have all parts"),
        (_without(ResponsesRow), "entries have all parts"),
        (_unreadable, "entries hold what their strands say"),
        (_not_finite, "entries hold what their strands say"),
    ],
)
def test_what_is_lost_is_found_and_stays_a_finding(
    session: Session, damage: Damage, name: str
) -> None:
    damage(session)
    assert broken(session) == {name}
    assert look(session, repair=True)[name].findings


def test_a_claim_about_no_model_is_found_and_mended(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    schema.upgrade(database)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("INSERT INTO claims VALUES ('mdl_x', 'name', 'n', 's', 0)")
    connection.close()
    name = "rows refer to rows that are there"
    with database.write() as session:
        assert broken(session) == {name}
        assert look(session, repair=True)[name].mended == 1
        assert broken(session) == set()
    database.close()


def test_references_and_trees_stand_on_entries(database: Database) -> None:
    growing.plant(database)
    growing.grow(database)
    names = {"references stand on entries", "trees stand on entries"}
    with database.write() as session:
        assert not names & broken(session)
        session.execute(update(ReferenceRow).values(cohort=[1, 2, 4000]))
        session.execute(update(TreeRow).values(n_tips=3))
        assert names <= broken(session)
        assert "4000" in look(session)["references stand on entries"].examples[0]
        assert not look(session, repair=True)["trees stand on entries"].findings


def test_the_index_is_checked_against_the_database(session: Session) -> None:
    candidates = Candidates()
    [index] = [
        one
        for one in invariants(Scope(candidates), protocols.every(session))
        if one.name == "the index is the database"
    ]
    assert list(index.look(session)) == []
    entry = first(session)  # entries vanish behind the back of a running process
    for row in (StrandRow, DnaRow, ResponsesRow):
        session.execute(delete(row).where(row.entry_id == entry.id))
    session.execute(delete(EntryRow).where(EntryRow.id == entry.id))
    assert list(index.look(session))
