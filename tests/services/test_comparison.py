import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import NotFoundError
from app.search.candidates import Candidates
from app.services.comparison import SharedScore, compare
from app.services.population import refresh_references
from app.services.relatives import find_relatives
from app.store import models
from app.store.database import Database
from tests.store.making import add_vectors, make_model
from tests.synthetic import PROTOCOL


def compared(database: Database, a: str, b: str) -> list[SharedScore]:
    with database.read() as session:
        return compare(session, models.find(session, a), models.find(session, b))


def test_two_models_are_scored_under_every_protocol_that_they_share(
    shared_registry: Database,
) -> None:
    shared = {one.protocol.name: one for one in compared(shared_registry, "child", "founder")}
    assert set(shared) == {"likelihood-v1", "lexical-v1"}
    assert shared["likelihood-v1"].score_name == "clipped_correlation"
    assert shared["likelihood-v1"].score > 0.9
    assert not any(one.identical for one in shared.values())
    [stranger] = [
        one
        for one in compared(shared_registry, "child", "stranger")
        if one.protocol.name == "likelihood-v1"
    ]
    assert abs(stranger.score) < 0.3
    [imported] = compared(shared_registry, "acme/wolf", "heron")
    assert (imported.protocol.name, imported.reference_version) == (PROTOCOL, 0)


def test_the_order_does_not_count_and_relatives_say_the_same(shared_registry: Database) -> None:
    [there], [back] = (
        compared(shared_registry, *pair)
        for pair in (("acme/wolf", "wolf-chat"), ("wolf-chat", "acme/wolf"))
    )
    assert there.score == pytest.approx(back.score)
    with shared_registry.read() as session:
        wolf = models.find(session, "acme/wolf")
        [ranking] = find_relatives(session, Candidates(), wolf, None, 9)
    [relative] = [r for r in ranking.relatives if r.model.name == "acme/wolf-chat"]
    assert relative.score == pytest.approx(there.score)


def test_a_model_and_its_copies_are_identical_and_strangers_share_nothing(
    registry: Database,
) -> None:
    with registry.write() as session:
        make_model(session, "copy", digest=models.find(session, "founder").digest)
        make_model(session, "unread")
    for other in ("founder", "copy"):
        both = compared(registry, "founder", other)
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
        assert one.score == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-5)
