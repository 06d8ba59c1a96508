"""Likeness among relatives: correlations of surprises, for those that have any."""

import numpy as np
import pytest

from app.services.ancestry.likeness import likeness
from app.store import models
from app.store.database import Database
from tests.genealogy import FAMILY, plant


def test_likeness_is_symmetric_and_knows_parents(database: Database) -> None:
    plant(database)
    with database.read() as session:
        base = models.find(session, "oak-base")
        digests = {name: models.find(session, name).digest or "" for name in FAMILY}
        found = likeness(session, base, [*digests.values(), "nobody"])
    assert set(found.places) == set(digests.values())
    assert np.allclose(found.products, found.products.T)
    for digest in digests.values():
        assert found.distance(digest, digest) == pytest.approx(0, abs=1e-9)
    assert found.distance(digests["oak-base"], "nobody") is None
    near, far = (
        found.distance(digests["oak-chat"], digests[n]) for n in ("oak-chat-q8", "oak-code")
    )
    assert near is not None
    assert far is not None
    assert near < far


def test_answers_and_populations_without_a_reference_have_none(registry: Database) -> None:
    with registry.read() as session:
        for name in ("acme/wolf", "child"):
            model = models.find(session, name)
            assert not likeness(session, model, [model.digest or ""]).places
