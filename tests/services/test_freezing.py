"""References are frozen at thirty models, and anew after growth by a tenth; once each.

What is frozen follows from the entries alone, and whoever is declared a relative leaves the null.
"""

import threading
import time

import numpy as np
import pytest

from app.dna.population import MOST_COHORT, Population
from app.dna.protocol import Protocol, reported_vectors
from app.dna.reference import Reference
from app.records import Claim
from app.services.freezing import _freeze, refresh_references
from app.store import entries, models, protocols, references, withdrawals
from app.store.database import Database
from tests import planted
from tests.planted import ANSWERS, LIKELIHOODS
from tests.store.making import add_strands, add_vectors
from tests.store.threads import at_once

MINE, OTHER = reported_vectors("mine", 4), reported_vectors("other", 4)


def version(database: Database, protocol: Protocol) -> tuple[int, int]:
    with database.read() as session:
        latest = references.latest(session, protocols.get(session, protocol.digest))
        assert references.latest_version(session, protocol.digest) == latest.version
        return latest.version, latest.n_models


def test_a_population_is_frozen_when_it_has_grown_enough(database: Database) -> None:
    rows = np.random.default_rng(0).normal(size=(33, 4))
    add_vectors(database, OTHER, rows[:5])
    steps = {29: (0, 0), 30: (1, 30), 32: (1, 30), 33: (2, 33)}
    have = 0
    for n, wanted in steps.items():
        add_vectors(database, MINE, rows[have:n], f"{n}.")
        have, before = n, version(database, MINE)
        frozen = refresh_references(database)
        assert version(database, MINE) == wanted
        assert frozen == ([("mine", wanted[0])] if wanted != before else [])
        assert refresh_references(database) == []
    assert version(database, OTHER) == (0, 0)
    with database.read() as session:
        mean = references.latest(session, MINE).mean
    assert mean == pytest.approx(rows.mean(axis=0)[None], abs=1e-6)


def test_a_population_that_shrank_is_frozen_without_what_was_withdrawn(database: Database) -> None:
    added = add_vectors(database, MINE, np.random.default_rng(0).normal(size=(34, 4)))
    refresh_references(database)
    for entry, wanted in zip(added[4:8], [(1, 34)] * 3 + [(2, 30)], strict=True):
        with database.write() as session:
            withdrawals.withdraw(session, entry.model_id, "forged")
        refresh_references(database)
        assert version(database, MINE) == wanted
    with database.read() as session:
        cohort = references.latest(session, MINE).cohort
    assert cohort == (*range(1, 5), *range(9, 35))


def test_many_who_refresh_at_once_freeze_one_version(database: Database) -> None:
    add_vectors(database, MINE, np.random.default_rng(1).normal(size=(30, 4)))
    frozen = at_once(lambda _: refresh_references(database), 5)
    assert sorted(map(len, frozen)) == [0, 0, 0, 0, 1]
    assert version(database, MINE) == (1, 30)


def test_another_process_that_was_first_is_no_error(database: Database) -> None:
    add_vectors(database, MINE, np.random.default_rng(1).normal(size=(30, 4)))
    written = threading.Event()

    def other() -> list[tuple[str, int]]:
        with database.write() as session:
            mean = np.zeros(MINE.shape, dtype=np.float32)
            references.add(session, Reference(MINE.digest, 1, 30, mean, (1, 2, 3), ("",) * 3))
            written.set()
            time.sleep(0.3)  # until the refresh waits for this row
        return []

    def refresh() -> list[tuple[str, int]]:
        assert written.wait(10)
        return refresh_references(database)

    assert at_once(lambda number: (other, refresh)[number](), 2) == [[], []]
    assert version(database, MINE) == (1, 30)


def test_an_empty_registry_has_nothing_to_freeze(database: Database) -> None:
    assert refresh_references(database) == []


def latest(database: Database, protocol: Protocol) -> Reference:
    with database.read() as session:
        return references.latest(session, protocol)


def fill(
    database: Database, protocol: Protocol, of: list[int], bases: list[str], kinship: float = 0.5
) -> None:
    """Models of these families, as many as there are `bases` to declare."""
    draw = planted.likelihoods if protocol is LIKELIHOODS else planted.answers
    strands = draw(np.random.default_rng(2), of, kinship=kinship)[: len(bases)]
    labels = [f"m{number} {len(bases)} {protocol.name}" for number in range(len(bases))]
    add_strands(database, protocol, strands, labels, bases)


def bare(of: list[int]) -> list[str]:
    return [""] * len(of)


@pytest.mark.parametrize("protocol", [ANSWERS, LIKELIHOODS], ids=["answers", "likelihoods"])
def test_a_reference_can_be_made_anew_from_the_entries_that_it_names(
    database: Database, protocol: Protocol
) -> None:
    of = planted.families(17, 2)
    fill(database, protocol, of, [f"family {label}" for label in of])
    refresh_references(database)
    kept = latest(database, protocol)
    fill(database, protocol, of, bare(of)[:3])
    with database.read() as session:
        first = entries.oldest(session, protocol, kept.n_models)
        strands = entries.strands(session, protocol, first)
        cohort = entries.strands(
            session, protocol, entries.by_seq(session, protocol.digest, kept.cohort)
        )
    assert kept.mean == pytest.approx(strands.mean(axis=0, dtype=float), abs=1e-5)
    again = Population(protocol, cohort, kept.mean, kept.families).null
    assert again is not None
    assert kept.null is not None
    assert np.array_equal(again.quantiles, kept.null.quantiles)
    assert kept.families == tuple(f"family {label}" for label in of)


def test_a_cohort_of_many_is_spread_over_them(database: Database) -> None:
    add_vectors(database, OTHER, np.random.default_rng(5).normal(size=(2, 4)))
    add_vectors(database, MINE, np.random.default_rng(3).normal(size=(300, 4)))
    refresh_references(database)
    kept = latest(database, MINE)
    assert (kept.n_models, len(kept.cohort), len(kept.families)) == (300, MOST_COHORT, MOST_COHORT)
    assert (kept.cohort[0], kept.cohort[-1]) == (3, 302), "the numbers of its own entries"
    assert set(np.diff(kept.cohort)) == {1, 2}


def test_declared_relatives_leave_the_null(database: Database) -> None:
    """Too far apart to be found by their standing, too near to be strangers."""
    of = planted.families(15, 2)
    fill(database, ANSWERS, of, bare(of), kinship=0.35)
    with database.write() as session:
        before = _freeze(session, ANSWERS)
        for number, label in enumerate(of):
            model = models.find(session, f"m{number} 30 planted")
            claim = Claim("declared_base", f"acme/Family-{label}", "hub")
            models.add_claims(session, model.id, [claim])
        after = _freeze(session, ANSWERS)
    assert before.families == tuple(f"m{number} 30 planted" for number in range(30))
    assert after.families == tuple(f"family-{label}" for label in of)
    assert before.null is not None
    assert after.null is not None
    assert after.null.quantiles[-3:].mean() < before.null.quantiles[-3:].mean()


def test_models_of_one_family_have_no_null(database: Database) -> None:
    of = [0] * 30
    for protocol in (ANSWERS, LIKELIHOODS):
        fill(database, protocol, of, ["acme/wolf"] * 30)
    assert refresh_references(database) == [(ANSWERS.name, 1), (LIKELIHOODS.name, 1)]
    assert refresh_references(database) == [], "it is not frozen again and again"
    for protocol in (ANSWERS, LIKELIHOODS):
        kept = latest(database, protocol)
        assert (kept.null, kept.families) == (None, ("wolf",) * 30)


def test_one_of_a_release_that_knew_no_nulls_is_frozen_anew(database: Database) -> None:
    rows = np.random.default_rng(4).normal(size=(30, 4))
    add_vectors(database, MINE, rows)
    mean = np.zeros(MINE.shape, dtype=np.float32)
    with database.write() as session:
        references.add(session, Reference(MINE.digest, 4, 30, mean))
    assert refresh_references(database) == [("mine", 5)]
    assert refresh_references(database) == []
    kept = latest(database, MINE)
    assert kept.null is not None
    assert len(kept.cohort) == 30
