"""Relatives: the nearest by exact score over the whole population, never the model itself."""

from dataclasses import replace

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.dna.scores import score
from app.errors import NotFoundError
from app.search.candidates import Candidates
from app.services import relatives as use_case
from app.services.population import refresh_references
from app.services.relatives import Ranking, find_relatives
from app.store import entries, models, protocols, references
from app.store.database import Database
from tests.store.making import add_vectors, make_finding, make_model
from tests.synthetic import FAMILY, PROTOCOL

VECTORS = reported_vectors("vectors", 6)


def rank(database: Database, name: str, k: int = 99, protocol: str | None = None) -> list[Ranking]:
    with database.read() as session:
        chosen = None if protocol is None else protocols.get(session, protocol)
        return find_relatives(session, Candidates(), models.find(session, name), chosen, k)


def names(ranking: Ranking) -> list[str]:
    return [relative.model.name for relative in ranking.relatives]


def test_the_family_comes_first(shared_registry: Database) -> None:
    [ranking] = rank(shared_registry, "wolf-chat")
    assert (ranking.protocol.name, ranking.score_name) == (PROTOCOL, "centred_cosine")
    assert (ranking.reference_version, ranking.population) == (0, len(FAMILY))
    assert set(names(ranking)[:2]) == {"acme/wolf", "acme/wolf-chat-v2"}
    assert set(names(ranking)) == set(FAMILY) - {"acme/wolf-chat"}


def test_each_protocol_has_a_ranking_unless_one_is_asked_for(shared_registry: Database) -> None:
    both = rank(shared_registry, "child")
    assert {r.protocol.name for r in both} == {"likelihood-v1", "lexical-v1"}
    assert [names(r)[0] for r in both] == ["founder", "founder"]
    [one] = rank(shared_registry, "child", protocol="likelihood-v1")
    assert one in both
    assert one.score_name == "clipped_correlation"
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
            reference = references.latest(session, VECTORS)
            strands = entries.strands(session, VECTORS, added)
        assert reference.version == version
        exact = score(VECTORS, strands, strands, reference.mean)
        for own in (0, 17, 29):
            [ranking] = rank(database, f"v{own} vectors", k=5)
            order = sorted(set(range(30)) - {own}, key=lambda other: -exact[own, other])[:5]
            assert names(ranking) == [f"v{other} vectors" for other in order]
            assert np.allclose([r.score for r in ranking.relatives], exact[own, order])
            assert (ranking.reference_version, ranking.population) == (version, 30)
            orders.append(order)
        refresh_references(database)
    assert orders[:3] != orders[3:], "the reference must make a difference"


def test_there_are_up_to_k(shared_registry: Database) -> None:
    [everyone] = rank(shared_registry, "heron-code")
    scores = [relative.score for relative in everyone.relatives]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= value <= 1 for value in scores)
    for k, length in ((1, 1), (3, 3), (5, 5), (6, 5), (500, 5)):
        [ranking] = rank(shared_registry, "heron-code", k=k)
        assert ranking == replace(everyone, relatives=everyone.relatives[:length])


def test_equal_scores_are_ordered_by_number(database: Database) -> None:
    add_vectors(database, VECTORS, np.ones((6, 6)))
    [ranking] = rank(database, "v3 vectors")
    assert names(ranking) == [f"v{other} vectors" for other in (0, 1, 2, 4, 5)]
    assert {relative.score for relative in ranking.relatives} == {1.0}


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
        [before] = find_relatives(session, index, wolf, None, 99)
        answers = entries.responses(session, entries.get(session, wolf, protocol))
    with registry.write() as session:
        entries.add(session, [make_finding(make_model(session, "twin"), protocol, answers)])
    with registry.read() as session:
        [after] = find_relatives(session, index, wolf, None, 99)
    assert (names(after)[0], names(after)[1:]) == ("twin", names(before))
    assert after.relatives[0].score == pytest.approx(1)
