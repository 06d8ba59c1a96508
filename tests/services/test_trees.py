"""Trees: tips are contents, placed by the distances of their strands."""

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import InputError, NotFoundError
from app.phylo.paths import tip_distances
from app.phylo.splits import clades
from app.services import trees as use_case
from app.services.freezing import refresh_references
from app.services.trees import ModelTree, build_tree
from app.store import models, protocols
from app.store.database import Database
from tests.store.making import add_vectors, make_model
from tests.synthetic import FAMILY, PROTOCOL

VECTORS = reported_vectors("vectors", 6)


def build(database: Database, protocol: str, *names: str) -> ModelTree:
    with database.read() as session:
        chosen = [models.find(session, name) for name in names]
        return build_tree(session, protocols.get(session, protocol), chosen)


def labelled_clades(built: ModelTree) -> set[frozenset[str]]:
    return {frozenset(built.tree.labels[tip] for tip in clade) for clade in clades(built.tree)}


def test_families_are_clades(shared_registry: Database) -> None:
    built = build(shared_registry, PROTOCOL)
    assert sorted(built.tree.labels) == sorted(FAMILY)
    assert built.tree.labels == tuple(tip[0].name for tip in built.tips)
    assert (built.tree.rooting, built.reference_version) == ("midpoint", 0)
    assert frozenset({"beta/heron", "beta/heron-code"}) in labelled_clades(built)
    wolves = frozenset(name for name in FAMILY if "wolf" in name)
    assert wolves in labelled_clades(built)


def test_two_tips_are_as_far_apart_as_their_strands(database: Database) -> None:
    add_vectors(database, VECTORS, np.array([[1.0, 0, 0, 0, 0, 0], [1.0, 1, 0, 0, 0, 0]]))
    built = build(database, "vectors")
    assert tip_distances(built.tree)[0, 1] == pytest.approx(0.25), "45 of 180 degrees"
    assert built.tree.lengths[0] == pytest.approx(built.tree.lengths[1]), "rooted in the middle"


def test_a_reference_is_subtracted_first(database: Database) -> None:
    rows = np.random.default_rng(1).normal(size=(30, 6)) + 50
    add_vectors(database, VECTORS, rows)
    before = build(database, "vectors").tree.total_length
    refresh_references(database)
    after = build(database, "vectors")
    assert after.reference_version == 1
    assert after.tree.total_length > 10 * before, "what all share hides how they differ"


def test_only_the_chosen_are_tips_each_content_once(
    registry: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with registry.write() as session:
        copy = make_model(session, "copy", digest=models.find(session, "acme/wolf").digest)
    built = build(registry, PROTOCOL, "copy", "heron", "acme/wolf", "heron")
    assert sorted(built.tree.labels) == ["acme/wolf", "beta/heron"]
    [of_wolf] = [tip for tip in built.tips if tip[0].name == "acme/wolf"]
    assert of_wolf[1:] == (copy,)
    with pytest.raises(NotFoundError, match="not_fingerprinted: founder"):
        build(registry, PROTOCOL, "acme/wolf", "founder")
    with pytest.raises(InputError, match="too_few_tips"):
        build(registry, PROTOCOL, "acme/wolf", "copy")
    add_vectors(registry, VECTORS, np.ones((1, 6)))
    with pytest.raises(InputError, match="too_few_tips"):
        build(registry, "vectors")
    monkeypatch.setattr(use_case, "MOST_TIPS", 3)
    with pytest.raises(InputError, match="too_many_tips"):
        build(registry, PROTOCOL)
    assert build(registry, "likelihood-v1").tree.n_tips == 3
