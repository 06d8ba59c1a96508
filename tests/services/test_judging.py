"""Judging: numbers of the population, a word for them, and what is blind to descent."""

from collections.abc import Iterator

import numpy as np
import pytest

from app.dna.protocol import Protocol
from app.dna.relations import RELATIVES, false_discovery, verdict
from app.records import EntryRecord
from app.services.freezing import refresh_references
from app.services.judging import Judgement, judge
from app.services.populations import current, members
from app.store import entries, schema
from app.store.database import Database
from tests import planted
from tests.planted import ANSWERS, LIKELIHOODS
from tests.store.making import add_strands

N_FAMILIES, SIZE = 15, 3
OF = planted.families(N_FAMILIES, SIZE)
# Beside them: one answer to all, and its copy.
CANNED = 2
KINDS = [ANSWERS, LIKELIHOODS]


@pytest.fixture(scope="module", params=KINDS, ids=["answers", "likelihoods"])
def judged(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Protocol, list[EntryRecord]]]:
    """A population with planted families and two models that do not listen."""
    opened = Database(f"sqlite:///{tmp_path_factory.mktemp('judged') / 'genebank.db'}")
    schema.upgrade(opened)
    rng = np.random.default_rng(1)
    if request.param is ANSWERS:
        drawn = planted.answers(rng, OF, kinship=0.8)
        canned = np.tile(rng.normal(size=32), (CANNED, 40, 1)).astype(drawn.dtype)
    else:
        drawn = planted.likelihoods(rng, OF, kinship=0.9)
        canned = np.tile(drawn[0, 0], (CANNED, 100, 1))
    labels = [f"m{number}" for number in range(len(OF) + CANNED)]
    bases = [f"family {label}" for label in OF]
    found = add_strands(opened, request.param, np.concatenate([drawn, canned]), labels, bases)
    refresh_references(opened)
    yield opened, request.param, found
    opened.close()


def judgement(
    of: tuple[Database, Protocol, list[EntryRecord]],
    own: int,
    others: list[int],
    n_tests: int | None = None,
) -> Judgement:
    database, protocol, found = of
    with database.read() as session:
        wanted = [found[other] for other in others]
        return judge(session, protocol, found[own], wanted, n_tests or len(others))


def test_a_pair_has_the_numbers_of_the_population_and_their_word(
    judged: tuple[Database, Protocol, list[EntryRecord]],
) -> None:
    database, protocol, found = judged
    others = list(range(1, len(OF)))
    here = judgement(judged, 0, others)
    with database.read() as session:
        reference, population = current(session, protocol)
        strands = entries.strands(session, protocol, found)
    places = members(reference, found)
    seen = population.seen(strands, places)
    compared = population.compare(seen, seen)
    adjusted = false_discovery(compared.p_value[0, others], len(others))
    assert (here.reference_version, here.protocol) == (1, protocol)
    for other, q_value, pair in zip(others, adjusted, here.pairs, strict=True):
        assert pair.score == pytest.approx(compared.score[0, other], abs=1e-5)
        assert pair.standing == pytest.approx(compared.standing[0, other], abs=1e-2)
        assert pair.p_value == pytest.approx(compared.p_value[0, other], rel=1e-2, abs=1e-12)
        assert pair.q_value == pytest.approx(q_value, rel=1e-2, abs=1e-9)
        told = verdict(protocol, pair.score, pair.standing, pair.p_value, pair.q_value)
        assert (pair.verdict, pair.flags, pair.identical) == (told, (), False)
    kin = [pair.verdict for other, pair in zip(others, here.pairs, strict=True) if OF[other] == 0]
    assert len(kin) == SIZE - 1
    assert set(kin) <= RELATIVES
    strangers = {pair.verdict for pair in here.pairs} - set(kin)
    assert strangers <= {"unrelated", "inconclusive"}


def test_who_is_searched_among_many_must_stand_farther_out(
    judged: tuple[Database, Protocol, list[EntryRecord]],
) -> None:
    few, many = (judgement(judged, 0, [N_FAMILIES, 1], n_tests=n).pairs for n in (2, 10**9))
    assert [pair.p_value for pair in few] == [pair.p_value for pair in many]
    for some, more in zip(few, many, strict=True):
        assert some.q_value is not None
        assert more.q_value is not None
        assert some.q_value <= more.q_value
    assert many[1].q_value == 1


def test_an_entry_alone_has_no_pairs(
    judged: tuple[Database, Protocol, list[EntryRecord]],
) -> None:
    assert judgement(judged, 0, []).pairs == ()


def test_what_does_not_listen_is_no_relative_of_its_like(
    judged: tuple[Database, Protocol, list[EntryRecord]],
) -> None:
    one, other = len(OF), len(OF) + 1
    [pair] = judgement(judged, one, [other]).pairs
    assert pair.identical
    assert pair.score == pytest.approx(1)
    assert pair.p_value is not None
    assert pair.p_value < 0.001
    assert "constant_answers" in pair.flags
    assert pair.verdict == "inconclusive"
    for back in (judgement(judged, 0, [one]), judgement(judged, one, [0])):
        assert "constant_answers" in back.pairs[0].flags
        assert back.pairs[0].verdict == "inconclusive"


@pytest.mark.parametrize("protocol", KINDS, ids=["answers", "likelihoods"])
def test_among_few_nothing_is_known(database: Database, protocol: Protocol) -> None:
    draw = planted.answers if protocol is ANSWERS else planted.likelihoods
    strands = draw(np.random.default_rng(2), planted.families(5, 2))
    found = add_strands(database, protocol, strands, [f"m{number}" for number in range(10)])
    refresh_references(database)
    here = judgement((database, protocol, found), 0, [5, 1])
    assert here.reference_version == 0
    for pair in here.pairs:
        assert (pair.standing, pair.p_value, pair.q_value) == (None, None, None)
        assert pair.verdict == "inconclusive"
    assert here.pairs[0].score > here.pairs[1].score


def test_one_that_came_later_is_judged_by_those_that_were_there(database: Database) -> None:
    of = planted.families(16, 2)
    strands = planted.likelihoods(np.random.default_rng(3), of, kinship=0.9)
    there = range(1, len(of))
    found = add_strands(database, LIKELIHOODS, strands[1:], [f"m{number}" for number in there])
    refresh_references(database)
    late = add_strands(database, LIKELIHOODS, strands[:1], ["late"])
    assert refresh_references(database) == []
    pairs = judgement((database, LIKELIHOODS, [*late, *found]), 0, list(there)).pairs
    words = {number: pair.verdict for number, pair in zip(there, pairs, strict=True)}
    assert words.pop(16) == "related", "the other one of its family"
    assert set(words.values()) <= {"unrelated", "inconclusive"}
