"""Comparison: two models under all that they share, and one word for them."""

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import NotFoundError
from app.search.candidates import Candidates
from app.services.comparison import Comparison, SharedScore, compare
from app.services.freezing import refresh_references
from app.services.relatives import find_relatives
from app.store import models
from app.store.database import Database
from tests import planted
from tests.planted import ANSWERS, LIKELIHOODS
from tests.store.making import add_strands, add_vectors, make_model
from tests.synthetic import PROTOCOL


def comparison(database: Database, a: str, b: str) -> Comparison:
    with database.read() as session:
        return compare(session, models.find(session, a), models.find(session, b))


def compared(database: Database, a: str, b: str) -> list[SharedScore]:
    return [*comparison(database, a, b).shared]


def test_two_models_are_scored_under_every_protocol_that_they_share(
    shared_registry: Database,
) -> None:
    shared = {one.protocol.name: one for one in compared(shared_registry, "child", "founder")}
    assert set(shared) == {"likelihood-v1", "lexical-v1"}
    assert shared["likelihood-v1"].judged.score > 0.9
    assert not any(one.judged.identical for one in shared.values())
    [stranger] = [
        one
        for one in compared(shared_registry, "child", "stranger")
        if one.protocol.name == "likelihood-v1"
    ]
    assert abs(stranger.judged.score) < 0.3
    [imported] = compared(shared_registry, "acme/wolf", "heron")
    assert (imported.protocol.name, imported.reference_version) == (PROTOCOL, 0)


def test_among_few_the_word_is_that_nothing_is_known(shared_registry: Database) -> None:
    found = comparison(shared_registry, "child", "founder")
    assert found.verdict == "inconclusive"
    assert found.decided_by.protocol.name == "likelihood-v1"
    for one in found.shared:
        judged = one.judged
        assert (judged.standing, judged.p_value, judged.q_value) == (None, None, None)
        assert judged.verdict == "inconclusive"


def test_the_order_does_not_count_and_relatives_say_the_same(shared_registry: Database) -> None:
    [there], [back] = (
        compared(shared_registry, *pair)
        for pair in (("acme/wolf", "wolf-chat"), ("wolf-chat", "acme/wolf"))
    )
    assert there.judged.score == pytest.approx(back.judged.score)
    with shared_registry.read() as session:
        wolf = models.find(session, "wolf-chat")
        [ranking] = find_relatives(session, Candidates(), wolf, None, 9).rankings
    [relative] = [r for r in ranking.relatives if r.model.name == "acme/wolf"]
    assert relative.judged.score == pytest.approx(there.judged.score)


def test_the_best_witness_has_the_last_word(database: Database) -> None:
    """Here likelihoods, which find two models related whose answers say nothing of it."""
    of = planted.families(15, 2)
    labels = [f"m{number}" for number in range(len(of))]
    alone = planted.families(0, 0, alone=len(of))
    rng = np.random.default_rng(1)
    add_strands(database, ANSWERS, planted.answers(rng, alone), labels)
    add_strands(database, LIKELIHOODS, planted.likelihoods(rng, of, kinship=0.9), labels)
    refresh_references(database)
    found = comparison(database, "m0", "m15")
    assert {one.protocol.name for one in found.shared} == {ANSWERS.name, LIKELIHOODS.name}
    assert found.decided_by.protocol.name == LIKELIHOODS.name
    assert found.verdict == found.decided_by.judged.verdict == "related"
    [by_answers] = [one for one in found.shared if one.protocol.name == ANSWERS.name]
    assert by_answers.judged.verdict in {"inconclusive", "unrelated"}
    back = comparison(database, "m15", "m0")
    assert back.verdict == "related"
    for one, other in zip(found.shared, back.shared, strict=True):
        assert one.judged.standing == pytest.approx(other.judged.standing, abs=1e-3)
        assert one.judged.q_value == one.judged.p_value, "a single test"


def test_a_model_and_its_copies_are_identical_and_strangers_share_nothing(
    registry: Database,
) -> None:
    with registry.write() as session:
        make_model(session, "copy", digest=models.find(session, "founder").digest)
        make_model(session, "unread")
    for other in ("founder", "copy"):
        both = [one.judged for one in compared(registry, "founder", other)]
        assert len(both) == 2
        assert all(one.identical and one.score == pytest.approx(1) for one in both)
    with pytest.raises(NotFoundError, match="no_shared_protocol"):
        compared(registry, "founder", "acme/wolf")
    for pair in (("unread", "founder"), ("founder", "unread")):
        with pytest.raises(NotFoundError, match="not_fingerprinted: unread"):
            compared(registry, *pair)


def test_the_reference_is_subtracted_first(database: Database) -> None:
    rows = np.random.default_rng(2).normal(size=(30, 4)) + 5
    add_vectors(database, reported_vectors("mine", 4), rows)
    [before] = compared(database, "v0 mine", "v1 mine")
    refresh_references(database)
    [after] = compared(database, "v0 mine", "v1 mine")
    assert (before.reference_version, after.reference_version) == (0, 1)
    for one, (a, b) in ((before, rows[:2]), (after, (rows - rows.mean(axis=0))[:2])):
        assert one.judged.score == pytest.approx(
            a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5
        )
