"""Populations: made of a reference once, and the same whenever they are made."""

import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import delete

from app.dna.population import Compared, Population, freeze
from app.dna.protocol import Protocol, reported_vectors
from app.dna.reference import Reference
from app.records import EntryRecord
from app.services import populations
from app.services.freezing import refresh_references
from app.services.populations import KEPT, current, members
from app.store import entries, protocols, references
from app.store.database import Database, Session
from app.store.rows import ReferenceRow
from tests import planted
from tests.planted import ANSWERS, LIKELIHOODS
from tests.store.making import add_strands, add_vectors
from tests.store.threads import at_once

OF = planted.families(16, 2)
BASES = [f"family {label}" for label in OF]

Strands = npt.NDArray[np.floating]


def fill(
    database: Database, protocol: Protocol, strands: Strands, prefix: str = "m"
) -> list[EntryRecord]:
    labels = [f"{prefix}{number} {protocol.name}" for number in range(len(strands))]
    return add_strands(database, protocol, strands, labels, BASES)


def answers(seed: int, n: int = len(OF)) -> Strands:
    return planted.answers(np.random.default_rng(seed), OF)[:n]


def compared(session: Session, protocol: Protocol, found: list[EntryRecord]) -> Compared:
    reference, population = current(session, protocol)
    strands = entries.strands(session, protocol, found)
    seen = population.seen(strands, members(reference, found))
    return population.compare(seen, seen)


def same(one: Compared, other: Compared) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("score", "standing", "p_value")
    )


@pytest.mark.parametrize("protocol", [ANSWERS, LIKELIHOODS], ids=["answers", "likelihoods"])
def test_it_is_the_one_that_was_frozen(database: Database, protocol: Protocol) -> None:
    draw = planted.answers if protocol is ANSWERS else planted.likelihoods
    strands = draw(np.random.default_rng(1), OF)
    found = fill(database, protocol, strands)
    refresh_references(database)
    with database.read() as session:
        here = compared(session, protocol, found)
    plain = freeze(protocol, strands, BASES)
    seen = plain.seen(strands, np.arange(len(OF)))
    there = plain.compare(seen, seen)
    assert here.score == pytest.approx(there.score, abs=1e-4), "its mean is kept in float32"
    assert here.standing == pytest.approx(there.standing, rel=1e-3, abs=1e-2)
    assert here.p_value == pytest.approx(there.p_value, rel=0.05, abs=0.01)


def test_too_few_models_give_scores_only(database: Database) -> None:
    found = fill(database, ANSWERS, answers(2, 29))
    refresh_references(database)
    with database.read() as session:
        reference, population = current(session, ANSWERS)
        nothing = compared(session, ANSWERS, found)
    assert (reference.version, population.n_cohort) == (0, 0)
    assert np.isfinite(nothing.score).all()
    assert np.isnan(nothing.standing).all()
    assert np.isnan(nothing.p_value).all()


def test_members_have_their_places_and_others_none(database: Database) -> None:
    found = fill(database, ANSWERS, answers(3))
    refresh_references(database)
    late = fill(database, ANSWERS, answers(4, 2), "late")
    with database.read() as session:
        reference, _ = current(session, ANSWERS)
    mixed = [late[0], found[7], found[0], late[1]]
    assert members(reference, mixed).tolist() == [-1, 7, 0, -1]
    assert members(reference, []).shape == (0,)


def test_it_is_made_once_for_each_version(database: Database) -> None:
    fill(database, ANSWERS, answers(5))
    refresh_references(database)

    def ask(_: int) -> Population:
        with database.read() as session:
            return current(session, ANSWERS)[1]

    first = ask(0)
    assert all(again is first for again in at_once(ask, 4))
    fill(database, ANSWERS, answers(6, 4), "more")
    refresh_references(database)
    assert ask(0) is not first


def test_an_old_version_explains_what_was_said_with_it(database: Database) -> None:
    found = fill(database, ANSWERS, answers(7))
    refresh_references(database)
    with database.read() as session:
        before = compared(session, ANSWERS, found)
    fill(database, ANSWERS, answers(8), "more")
    refresh_references(database)
    populations._kept.clear()
    with database.read() as session:
        assert current(session, ANSWERS)[0].version == 2
        after = compared(session, ANSWERS, found)
    assert not same(before, after)
    with database.write() as session:
        session.execute(delete(ReferenceRow).where(ReferenceRow.version == 2))
        populations._kept.clear()
        assert same(before, compared(session, ANSWERS, found))
        session.rollback()


def test_equal_models_that_were_declared_otherwise_have_another_null(database: Database) -> None:
    """As of two registries in one process, or one that was made anew."""
    strands = np.repeat(answers(9)[:16], 2, axis=0)
    nulls = []
    for declared in (BASES, [""] * len(OF)):
        with database.write() as session:
            stored = protocols.ensure(session, ANSWERS)
        labels = [f"m{number}" for number in range(len(OF))]
        found = add_strands(database, stored, strands, labels, declared)
        with database.write() as session:
            reference = Reference(
                stored.digest,
                references.latest_version(session, stored.digest) + 1,
                len(OF),
                strands.mean(axis=0, dtype=np.float32),
                tuple(entry.seq for entry in found),
                tuple(declared),
                freeze(ANSWERS, strands, declared).null,
            )
            references.add(session, reference)
        with database.read() as session:
            nulls.append(current(session, ANSWERS)[1].null)
    assert nulls[0] is not nulls[1]


def test_one_of_a_release_that_knew_no_nulls_still_centres(database: Database) -> None:
    strands = answers(10)
    found = fill(database, ANSWERS, strands)
    mean = strands.mean(axis=0, dtype=np.float32)
    with database.write() as session:
        stored = protocols.ensure(session, ANSWERS)
        references.add(session, Reference(stored.digest, 1, len(OF), mean))
    with database.read() as session:
        old = compared(session, ANSWERS, found)
        assert current(session, ANSWERS)[0].version == 1
    refresh_references(database)
    with database.read() as session:
        new = compared(session, ANSWERS, found)
        assert current(session, ANSWERS)[0].version == 2
    assert np.isnan(old.p_value).all()
    assert np.isfinite(new.p_value).all()
    assert old.score == pytest.approx(new.score, abs=1e-4)


def test_the_last_few_are_kept(database: Database) -> None:
    rng = np.random.default_rng(11)
    made = [reported_vectors(f"vectors {number}", 3) for number in range(KEPT + 2)]
    for protocol in made:
        add_vectors(database, protocol, rng.normal(size=(30, 3)))
    refresh_references(database)
    with database.read() as session:
        first = current(session, made[0])[1]
        for protocol in made[1:KEPT]:
            current(session, protocol)
        assert current(session, made[0])[1] is first
        for protocol in made[KEPT:]:
            current(session, protocol)
        assert len(populations._kept) == KEPT
        assert current(session, made[0])[1] is first, "it was asked for last but two"
        assert current(session, made[1])[1].n_cohort == 30, "made anew"
