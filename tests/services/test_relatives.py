"""Relatives: those that stand highest of the whole population, never the model itself."""

from dataclasses import replace

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.dna.relations import RELATIVES
from app.errors import NotFoundError
from app.search.candidates import Candidates
from app.services import relatives as use_case
from app.services.freezing import refresh_references
from app.services.populations import current, members
from app.services.relatives import Ranking, Relatives, find_relatives
from app.store import entries, models, protocols
from app.store.database import Database
from tests import planted
from tests.planted import ANSWERS, LIKELIHOODS
from tests.store.making import add_strands, add_vectors, make_finding, make_model
from tests.synthetic import FAMILY, PROTOCOL

VECTORS = reported_vectors("vectors", 6)


def find(database: Database, name: str, k: int = 99, protocol: str | None = None) -> Relatives:
    with database.read() as session:
        chosen = None if protocol is None else protocols.get(session, protocol)
        return find_relatives(session, Candidates(), models.find(session, name), chosen, k)


def rank(database: Database, name: str, k: int = 99, protocol: str | None = None) -> list[Ranking]:
    return [*find(database, name, k, protocol).rankings]


def names(ranking: Ranking) -> list[str]:
    return [relative.model.name for relative in ranking.relatives]


def scores(ranking: Ranking) -> list[float]:
    return [relative.judged.score for relative in ranking.relatives]


def test_the_family_comes_first(shared_registry: Database) -> None:
    [ranking] = rank(shared_registry, "wolf-chat")
    assert ranking.protocol.name == PROTOCOL
    assert (ranking.reference_version, ranking.population) == (0, len(FAMILY))
    assert set(names(ranking)[:2]) == {"acme/wolf", "acme/wolf-chat-v2"}
    assert set(names(ranking)) == set(FAMILY) - {"acme/wolf-chat"}


def test_each_protocol_has_a_ranking_unless_one_is_asked_for(shared_registry: Database) -> None:
    both = rank(shared_registry, "child")
    assert {r.protocol.name for r in both} == {"likelihood-v1", "lexical-v1"}
    assert [names(r)[0] for r in both] == ["founder", "founder"]
    [one] = rank(shared_registry, "child", protocol="likelihood-v1")
    assert one in both
    with pytest.raises(NotFoundError, match="not_fingerprinted"):
        rank(shared_registry, "child", protocol=PROTOCOL)


def test_the_order_is_that_of_a_plain_search(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "FEWEST_CANDIDATES", 1)
    rows = np.random.default_rng(3).normal(size=(30, 6)) + 2
    added = add_vectors(database, VECTORS, rows)
    orders = []
    for version in (0, 1):
        with database.read() as session:
            reference, population = current(session, VECTORS)
            strands = entries.strands(session, VECTORS, added)
        assert reference.version == version
        seen = population.seen(strands, members(reference, added))
        exact = population.compare(seen, seen)
        nearness = exact.standing if version else exact.score
        for own in (0, 17, 29):
            [ranking] = rank(database, f"v{own} vectors", k=5)
            order = sorted(set(range(30)) - {own}, key=lambda other: -nearness[own, other])[:5]
            assert names(ranking) == [f"v{other} vectors" for other in order]
            assert np.allclose(scores(ranking), exact.score[own, order])
            assert (ranking.reference_version, ranking.population) == (version, 30)
            orders.append(order)
        refresh_references(database)
    assert orders[:3] != orders[3:], "the reference must make a difference"


def test_there_are_up_to_k(shared_registry: Database) -> None:
    [everyone] = rank(shared_registry, "heron-code")
    assert scores(everyone) == sorted(scores(everyone), reverse=True)
    assert all(-1 <= value <= 1 for value in scores(everyone))
    for k, length in ((1, 1), (3, 3), (5, 5), (6, 5), (500, 5)):
        [ranking] = rank(shared_registry, "heron-code", k=k)
        assert ranking == replace(everyone, relatives=everyone.relatives[:length])


def test_equal_scores_are_ordered_by_number(database: Database) -> None:
    add_vectors(database, VECTORS, np.ones((6, 6)))
    [ranking] = rank(database, "v3 vectors")
    assert names(ranking) == [f"v{other} vectors" for other in (0, 1, 2, 4, 5)]
    assert set(scores(ranking)) == {1.0}


def test_copies_share_one_place(database: Database) -> None:
    rows = np.random.default_rng(4).normal(size=(3, 6))
    add_vectors(database, VECTORS, rows)
    with database.write() as session:
        copy = make_model(session, "copy", digest="digest of v1 vectors")
        make_model(session, "copy of me", digest="digest of v0 vectors")
    [ranking] = rank(database, "v0 vectors")
    assert sorted(names(ranking)) == ["v1 vectors", "v2 vectors"]
    [of_copy] = [r.copies for r in ranking.relatives if r.model.name == "v1 vectors"]
    assert of_copy == (copy,)
    assert rank(database, "copy of me") == [ranking], "a copy has the relatives of its content"


def test_a_model_alone_has_none(database: Database) -> None:
    add_vectors(database, VECTORS, np.ones((1, 6)))
    [ranking] = rank(database, "v0 vectors")
    assert (ranking.relatives, ranking.population) == ((), 1)


def test_what_was_not_fingerprinted_has_no_place_to_start_from(database: Database) -> None:
    with database.write() as session:
        make_model(session, "m")
    with pytest.raises(NotFoundError, match="not_fingerprinted"):
        rank(database, "m")


def test_a_new_model_is_a_relative_at_once(registry: Database) -> None:
    index = Candidates()
    with registry.read() as session:
        wolf = models.find(session, "acme/wolf")
        protocol = protocols.get(session, PROTOCOL)
        [before] = find_relatives(session, index, wolf, None, 99).rankings
        answers = entries.responses(session, entries.get(session, wolf, protocol))
    with registry.write() as session:
        entries.add(session, [make_finding(make_model(session, "twin"), protocol, answers)])
    with registry.read() as session:
        [after] = find_relatives(session, index, wolf, None, 99).rankings
    assert (names(after)[0], names(after)[1:]) == ("twin", names(before))
    assert after.relatives[0].judged.score == pytest.approx(1)


OF = planted.families(20, 2)
LABELS = [f"m{number}" for number in range(len(OF))]


@pytest.fixture
def witnessed(database: Database) -> Database:
    """Families that both protocols see, and at the end two models that only answered."""
    rng = np.random.default_rng(5)
    add_strands(database, LIKELIHOODS, planted.likelihoods(rng, OF[:-2], 0.9), LABELS[:-2])
    add_strands(database, ANSWERS, planted.answers(rng, OF, 0.9), LABELS)
    refresh_references(database)
    return database


def test_relatives_are_told_from_strangers(witnessed: Database) -> None:
    rankings = rank(witnessed, "m0")
    assert {one.protocol.name for one in rankings} == {ANSWERS.name, LIKELIHOODS.name}
    for ranking in rankings:
        assert ranking.reference_version == 1
        assert names(ranking)[0] == "m20"
        kin, *strangers = (relative.judged for relative in ranking.relatives)
        assert kin.verdict in RELATIVES
        assert {one.verdict for one in strangers} <= {"unrelated", "inconclusive"}
        standings = [relative.judged.standing for relative in ranking.relatives]
        assert standings == sorted(standings, key=lambda value: -(value or 0))


def test_false_discoveries_are_counted_over_all_that_were_searched(
    witnessed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "FEWEST_CANDIDATES", 1)
    [ranking] = rank(witnessed, "m0", k=1, protocol=LIKELIHOODS.name)
    [relative] = ranking.relatives
    judged = relative.judged
    assert judged.p_value is not None
    assert judged.q_value == pytest.approx(judged.p_value * (ranking.population - 1))


def test_combined_each_is_named_once_by_its_best_witness(witnessed: Database) -> None:
    found = find(witnessed, "m0")
    combined = {relative.model.name: relative for relative in found.combined}
    assert len(combined) == len(found.combined) == len(OF) - 1
    for name, relative in combined.items():
        expected = ANSWERS if name in {"m38", "m39"} else LIKELIHOODS
        assert relative.protocol.name == expected.name
    grades = [relative.judged.verdict for relative in found.combined]
    order = ["same weights", "direct relative", "related"]
    told = [grade for grade in grades if grade in order]
    assert grades[: len(told)] == sorted(told, key=order.index), "relatives first"
    assert next(iter(combined)) == "m20"
    rest = [relative.judged.p_value or 0 for relative in found.combined[len(told) :]]
    assert rest == sorted(rest)
    assert [one.model.name for one in find(witnessed, "m0", k=3).combined] == [*combined][:3]


def test_one_protocol_that_is_asked_for_is_all_that_is_combined(witnessed: Database) -> None:
    found = find(witnessed, "m0", protocol=ANSWERS.name)
    assert {relative.protocol.name for relative in found.combined} == {ANSWERS.name}
    assert [one.protocol.name for one in found.rankings] == [ANSWERS.name]


def test_among_few_all_is_inconclusive_and_the_score_ranks(shared_registry: Database) -> None:
    found = find(shared_registry, "child")
    assert [relative.model.name for relative in found.combined] == ["founder", "stranger"]
    for relative in (*found.combined, *found.rankings[0].relatives):
        judged = relative.judged
        assert (judged.standing, judged.p_value, judged.q_value) == (None, None, None)
        assert judged.verdict == "inconclusive"
