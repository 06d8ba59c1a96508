"""Withdrawals: what nobody stands for disappears, what somebody does stays; nothing is lost."""

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import ConflictError, NotFoundError
from app.records import Claim, ModelRecord, ModelRef
from app.search.candidates import Candidates
from app.services.invariants.examining import Scope, examine
from app.store import entries, jobs, models, protocols, quarantine, withdrawals
from app.store.database import Database, Session
from app.store.dna_blocks import head
from tests.store.making import add_vectors, make_due, make_finding, make_model
from tests.store.threads import at_once

MINE = reported_vectors("mine", 3)
ROWS = np.eye(3) + 1


@pytest.fixture
def three(database: Database) -> list[ModelRecord]:
    """Three models with an entry each, numbered from 1."""
    added = add_vectors(database, MINE, ROWS)
    with database.write() as session:
        found = models.by_ids(session, [entry.model_id for entry in added])
        for model in found.values():
            models.add_claims(session, model.id, [Claim("declared_base", "acme/base", "hub")])
    return [found[entry.model_id] for entry in added]


def withdraw(database: Database, model: ModelRecord, reason: str = "forged") -> int:
    with database.write() as session:
        return withdrawals.withdraw(session, model.id, reason).jobs_cancelled


def live(session: Session) -> list[int]:
    """The numbers of the entries that there are, which all that reads agrees on."""
    seqs = entries.seqs(session, MINE.digest)
    assert [entry.seq for entry in entries.oldest(session, MINE)] == seqs
    assert entries.count(session, MINE.digest) == len(seqs)
    assert entries.count(session, MINE.digest, after=1) == len([seq for seq in seqs if seq > 1])
    assert len(list(entries.every_strand(session, MINE, 99))) == len(seqs)
    assert [entry.seq for entry in entries.by_seq(session, MINE.digest, range(9))] == seqs
    gone = withdrawals.numbers(session, MINE.digest).tolist()
    assert sorted([*gone, *seqs]) == list(range(1, len(gone) + len(seqs) + 1))
    return seqs


def whole(database: Database) -> bool:
    return not any(
        one.findings for one in examine(database, Scope(Candidates(), True), repair=False)
    )


def test_a_withdrawn_model_is_gone_and_comes_back_as_it_was(
    database: Database, three: list[ModelRecord]
) -> None:
    model = three[1]
    words = []
    for change in (None, "withdraw", "withdraw", "reinstate"):
        with database.write() as session:
            if change == "withdraw":
                withdrawals.withdraw(session, model.id, f"forged {len(words)}")
            elif change == "reinstate":
                withdrawals.reinstate(session, models.find_withdrawn(session, model.name).id)
        with database.read() as session:
            words.append(head(session, MINE.digest).withdrawals)
            is_there = change in (None, "reinstate")
            assert live(session) == ([1, 2, 3] if is_there else [1, 3])
            assert withdrawals.count(session) == (0 if is_there else 1)
            ids = [one.id for one in three if is_there or one is not model]
            assert [one.id for one in models.page(session, None, 9)] == ids
            assert set(models.by_ids(session, [one.id for one in three])) == set(ids)
            assert len(models.claimants(session, "declared_base", ["acme/base"], 9)) == len(ids)
            assert bool(models.declared_bases(session, [model.name.lower()])) is is_there
            if is_there:
                assert models.find(session, model.name) == models.get(session, model.id) == model
                with pytest.raises(ConflictError, match="not_withdrawn"):
                    models.find_withdrawn(session, model.id)
                continue
            for look in (models.find, models.get):
                with pytest.raises(NotFoundError, match=r"model_withdrawn: .*forged 1"):
                    look(session, model.id)
            with pytest.raises(NotFoundError, match="model_withdrawn"):
                models.find(session, str(model.ref))
            assert models.find_withdrawn(session, model.id) == model
            with pytest.raises(NotFoundError, match="not_fingerprinted"):
                entries.get(session, model, MINE)
        with database.write() as session, pytest.raises(ConflictError, match="withdrawn: "):
            models.register(session, model.ref)
    assert words[1] == words[2]
    assert len(set(words)) == 3
    assert whole(database)


def test_an_entry_is_there_as_long_as_a_model_of_its_content_is(
    database: Database, three: list[ModelRecord]
) -> None:
    first = three[0]
    with database.write() as session:
        copy = make_model(session, "copy", first.digest)
    withdraw(database, first)
    with database.read() as session:
        assert live(session) == [1, 2, 3]
        assert models.by_digest(session, [first.digest or ""]) == {first.digest: [copy]}
    withdraw(database, copy)
    with database.read() as session:
        assert live(session) == [2, 3]
    with database.write() as session:
        another = models.register(session, ModelRef("import", "another", "0" * 16))
        models.set_content(session, another.id, first.digest or "", {})
    with database.read() as session:
        assert live(session) == [1, 2, 3]
    assert whole(database)


def test_jobs_end_and_what_they_store_late_is_withdrawn(
    database: Database, three: list[ModelRecord]
) -> None:
    with database.write() as session:
        model = make_model(session, "slow")
        protocol = protocols.get(session, MINE.digest)
        for number in range(2):
            jobs.submit(session, "replicate", model.id, [MINE.digest], {"replicate": number})
        other, _ = jobs.submit(session, "extract", three[0].id, [MINE.digest])
        running = jobs.claim(session, "somebody", 60.0)
        assert running is not None
        assert running.model_id == model.id
    assert withdraw(database, model) == 2
    with database.write() as session:
        asked, waiting = sorted(jobs.of_model(session, model.id), key=lambda one: one.state)[::-1]
        assert (asked.state, asked.cancel_requested) == ("running", True)
        assert waiting.state == "cancelled"
        assert jobs.get(session, other.id).state == "queued"
        # Its worker had not looked yet.
        entries.add(session, [make_finding(model, protocol, [[1.0, 2.0, 3.0]])])
        jobs.cancelled(session, running)
        assert live(session) == [1, 2, 3]
        assert withdrawals.numbers(session, MINE.digest).tolist() == [4]
    assert withdraw(database, model) == 0
    assert whole(database)


def test_a_quarantine_of_a_withdrawn_model_is_not_lifted(database: Database) -> None:
    with database.write() as session:
        model = make_model(session, "broken")
        job, _ = jobs.submit(session, "extract", model.id, [])
        for _ in range(jobs.MOST_MODEL_FAULTS):
            make_due(session, job.id)
            claimed = jobs.claim(session, "somebody", 60.0)
            assert claimed is not None
            jobs.fault(session, claimed, "broke", "it broke")
        withdrawals.withdraw(session, model.id, "forged")
        with pytest.raises(NotFoundError, match="model_withdrawn"):
            quarantine.lift(session, job.id)


def test_a_copy_that_comes_while_a_model_is_withdrawn_is_not_overlooked(
    database: Database, three: list[ModelRecord]
) -> None:
    def act(number: int) -> None:
        if number:
            withdraw(database, three[0])
        else:
            with database.write() as session:
                make_model(session, "copy", three[0].digest)

    at_once(act, 2)
    with database.read() as session:
        assert live(session) == [1, 2, 3]


def test_who_was_never_there_cannot_be_withdrawn(database: Database) -> None:
    with database.write() as session:
        for change in (
            lambda: withdrawals.withdraw(session, "mdl_1", "x"),
            lambda: withdrawals.reinstate(session, "mdl_1"),
        ):
            with pytest.raises(NotFoundError, match="no_such_model"):
                change()
