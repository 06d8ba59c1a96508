"""Filters: what passes is what is known or said, alone and together, also of much and later."""

import numpy as np
import pytest

from app.dna.protocol import Protocol, reported_vectors
from app.errors import InputError, NotFoundError
from app.records import Claim, ClaimKind
from app.search import candidates
from app.search.candidates import Candidates
from app.services import filters
from app.services.filters import Filter, passing_entries
from app.services.relatives import find_relatives
from app.store import models, passing
from app.store.database import Database
from tests.store.making import add_strands, add_vectors, make_model

PROTOCOL = reported_vectors("filtered", 4)
# What is said of the models 1, 2, ...: a family of 1 with 2, its child 3, and 5, whom 4 knows not.
SAID: dict[int, list[tuple[ClaimKind, str]]] = {
    1: [("licence", "Apache-2.0"), ("released", "2024-01-15")],
    2: [("declared_base", "org/V0 filtered@abc"), ("released", "2024-05")],
    3: [("declared_base", "v1 filtered"), ("licence", "MIT"), ("licence", "apache-2.0")],
    4: [("released", "2024-06-01")],
    5: [("declared_base", "v2 filtered")],
}


@pytest.fixture
def said(database: Database) -> Database:
    """Six entries, all reported, and one from weights, with claims."""
    added = add_vectors(database, PROTOCOL, np.random.default_rng(1).normal(size=(6, 4)))
    strand = np.ones((1, *PROTOCOL.shape))
    add_strands(database, PROTOCOL, strand, ["weighed"])
    with database.write() as session:
        for number, claims in SAID.items():
            made = [Claim(kind, value, "submitter") for kind, value in claims]
            models.add_claims(session, added[number - 1].model_id, made)
    return database


def passed(database: Database, only: Filter, protocol: Protocol = PROTOCOL) -> list[int]:
    with database.read() as session:
        view = Candidates().current(session, protocol)
        return passing_entries(session, protocol, only, view).seqs.tolist()


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Filter(evidence="weights"), [7]),
        (Filter(evidence="reported"), [1, 2, 3, 4, 5, 6]),
        (Filter(evidence="endpoint"), []),
        (Filter(licence="apache-2.0"), [1, 3]),
        (Filter(licence="it's 100%"), []),
        (Filter(released_before="2024-02"), [1]),
        (Filter(released_before="2024-05-20"), [1]),  # of May, but of which day?
        (Filter(released_before="2024-06"), [1, 2]),
        (Filter(released_before="2024-06-02"), [1, 2, 4]),
        (Filter(family="v0 filtered"), [1, 2, 3, 5]),
        (Filter(family="ORG/V1 Filtered"), [2, 3, 5]),
        (Filter(family="v0 filtered", licence="apache-2.0"), [1, 3]),
        (Filter("reported", "2024-06", "apache-2.0", "v0 filtered"), [1]),
    ],
)
def test_what_passes(
    said: Database,
    monkeypatch: pytest.MonkeyPatch,
    kept: bool,
    only: Filter,
    expected: list[int],
) -> None:
    if kept:
        monkeypatch.setattr(filters, "FLAT_MOST", 3)
        assert passed(said, only) == expected
    monkeypatch.setattr(passing, "NAMES", 2)
    assert passed(said, only) == expected


def test_a_copy_says_as_much(said: Database) -> None:
    with said.write() as session:
        copy = make_model(session, "copy", digest="digest of v5 filtered")
        models.add_claims(session, copy.id, [Claim("licence", "MIT", "hub")])
    assert passed(said, Filter(licence="mit")) == [3, 6]


def test_what_is_kept_learns_of_new_entries(
    said: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "FLAT_MOST", 3)
    only = Filter(evidence="reported")
    assert passed(said, only) == [1, 2, 3, 4, 5, 6]
    add_vectors(said, PROTOCOL, np.ones((2, 4)), "later")
    assert passed(said, only) == [1, 2, 3, 4, 5, 6, 8, 9]
    monkeypatch.setattr(filters, "KEPT_S", -1.0)
    assert passed(said, only) == [1, 2, 3, 4, 5, 6, 8, 9]


def test_the_oldest_that_were_kept_are_let_go(
    said: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "FLAT_MOST", 3)
    monkeypatch.setattr(filters, "KEPT", 2)
    for licence in ("a", "b", "mit", "c"):
        passed(said, Filter(licence=licence))
    assert passed(said, Filter(licence="mit")) == [3]


def test_relatives_are_looked_for_among_what_passes(said: Database) -> None:
    with said.read() as session:
        model = models.find(session, "v0 filtered")
        only = Filter(licence="apache-2.0")
        [ranking] = find_relatives(session, Candidates(), model, PROTOCOL, 10, only).rankings
    assert (ranking.population, ranking.passed) == (7, 2)
    assert [found.entry.seq for found in ranking.relatives] == [3]


def test_a_family_that_nobody_declared(said: Database) -> None:
    with pytest.raises(NotFoundError) as refused:
        passed(said, Filter(family="v1 filtred"))
    assert refused.value.near[0] == "v1 filtered"


@pytest.mark.parametrize("day", ["2024", "2024-13", "soon", ""])
def test_a_day_that_is_none(day: str) -> None:
    with pytest.raises(InputError, match="bad_date"):
        Filter(released_before=day)


def test_nothing_asked_is_no_filter() -> None:
    assert Filter().is_empty
    assert not Filter(family="a").is_empty
    assert candidates.FLAT_MOST == filters.FLAT_MOST
