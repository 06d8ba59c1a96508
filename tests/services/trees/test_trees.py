"""Trees: tips are contents, placed by the distances of their strands."""

import numpy as np
import pytest

from app.dna.protocol import reported_vectors
from app.errors import InputError, NotFoundError
from app.phylo.distances import Kind
from app.phylo.paths import tip_distances
from app.phylo.splits import clades
from app.records import Claim
from app.search.candidates import Candidates
from app.services.freezing import refresh_references
from app.services.trees.growth import Growth
from app.services.trees.model_tree import ModelTree
from app.services.trees.trees import Trees
from app.store import models, protocols
from app.store.database import Database
from tests.services.trees.growing import LABELS, OF, plant, small_trees
from tests.store.making import add_vectors, make_model
from tests.synthetic import FAMILY, PROTOCOL

VECTORS = reported_vectors("vectors", 6)
BARE = Growth(replicates=0)


def build(
    database: Database, protocol: str, *names: str, growth: Growth = BARE, at_once: int = 2000
) -> ModelTree:
    with database.read() as session:
        chosen = [models.find(session, name) for name in names]
        trees = Trees(Candidates(), at_once)
        return trees.of(session, protocols.get(session, protocol), chosen, growth)


def labelled_clades(built: ModelTree) -> set[frozenset[str]]:
    return {frozenset(built.tree.labels[tip] for tip in clade) for clade in clades(built.tree)}


def test_families_are_clades(shared_registry: Database) -> None:
    built = build(shared_registry, PROTOCOL)
    assert sorted(built.tree.labels) == sorted(FAMILY)
    assert built.tree.labels == tuple(tip[0].name for tip in built.tips)
    assert (built.tree.rooting, built.grown.reference_version) == ("midpoint", 0)
    assert frozenset({"beta/heron", "beta/heron-code"}) in labelled_clades(built)
    wolves = frozenset(name for name in FAMILY if "wolf" in name)
    assert wolves in labelled_clades(built)
    assert built.facts.released == ("2024-05",) * len(FAMILY)
    assert built.annotated.dates is not None
    assert built.annotated.dates[0] == pytest.approx(2024.37, abs=0.01)


def test_tips_are_as_far_apart_as_their_strands(database: Database) -> None:
    rows = np.array([[1.0, 0, 0, 0, 0, 0], [1.0, 1, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0, 0]])
    add_vectors(database, VECTORS, rows)
    built = build(database, "vectors")
    paths = tip_distances(built.tree)
    assert paths[0, 1] == pytest.approx(0.25), "45 of 180 degrees"
    assert paths[0, 2] == pytest.approx(1.0), "the other way"
    assert built.tree.lengths[2] == pytest.approx(0.5), "rooted in the middle"


def test_a_reference_is_subtracted_first(database: Database) -> None:
    rows = np.random.default_rng(1).normal(size=(30, 6)) + 50
    add_vectors(database, VECTORS, rows)
    before = build(database, "vectors").tree.total_length
    refresh_references(database)
    after = build(database, "vectors")
    assert after.grown.reference_version == 1
    assert after.tree.total_length > 10 * before, "what all share hides how they differ"


def test_one_probe_cannot_be_resampled(database: Database) -> None:
    add_vectors(database, VECTORS, np.eye(6))
    built = build(database, "vectors", growth=Growth())
    assert built.tree.support is None
    assert built.grown.replicates == 0
    with pytest.raises(InputError, match="no_support"):
        build(database, "vectors", growth=Growth(collapse=0.5))


def test_only_the_chosen_are_tips_each_content_once(registry: Database) -> None:
    with registry.write() as session:
        copy = make_model(session, "copy", digest=models.find(session, "acme/wolf").digest)
    built = build(registry, PROTOCOL, "copy", "heron", "acme/wolf", "wolf-chat")
    assert sorted(built.tree.labels) == ["acme/wolf", "acme/wolf-chat", "beta/heron"]
    [of_wolf] = [tip for tip in built.tips if tip[0].name == "acme/wolf"]
    assert of_wolf[1:] == (copy,)
    with pytest.raises(NotFoundError, match="not_fingerprinted: founder"):
        build(registry, PROTOCOL, "acme/wolf", "founder")
    with pytest.raises(InputError, match="named_twice: beta/heron"):
        build(registry, PROTOCOL, "acme/wolf", "wolf-chat", "heron", "beta/heron")
    with pytest.raises(InputError, match="too_few_tips"):
        build(registry, PROTOCOL, "acme/wolf", "copy", "heron")
    with pytest.raises(InputError, match="too_many_tips"):
        build(registry, PROTOCOL, "acme/wolf", "wolf-chat", "heron", at_once=2)
    add_vectors(registry, VECTORS, np.ones((2, 6)))
    with pytest.raises(InputError, match="too_few_tips"):
        build(registry, "vectors")


def test_support_and_collapsing(database: Database) -> None:
    plant(database)
    built = build(database, "planted", growth=Growth())
    assert built.tree.support is not None
    of_families = [
        node
        for node, clade in enumerate(clades(built.tree))
        if len(clade) == 7 and len({OF[tip] for tip in clade}) == 1
    ]
    assert len(of_families) >= 5, "one may lie at the root"
    assert built.tree.support[of_families].min() > 0.8
    collapsed = build(database, "planted", growth=Growth(collapse=0.9))
    assert collapsed.tree.n_nodes < built.tree.n_nodes
    assert collapsed.tree.support is not None
    assert np.nanmin(collapsed.tree.support) >= 0.9
    columns = collapsed.annotated.branches.values()
    assert {len(column) for column in columns} == {collapsed.tree.n_nodes}


def test_another_kind_of_distance(database: Database) -> None:
    plant(database)
    trees = small_trees(at_once=100)
    with database.read() as session:
        protocol = protocols.get(session, "planted")
        kinds: tuple[Kind | None, ...] = (None, "log_rank", "angular", None, "angular")
        built = [
            trees.of(session, protocol, (), Growth(replicates=5, distance=kind)) for kind in kinds
        ]
        middle = models.find(session, LABELS[3])
        near = [trees.around(session, protocol, middle, 6, Growth(distance=d)) for d in kinds[1:3]]
    lengths = [one.tree.total_length for one in built]
    assert [one.grown.kind for one in built] == [one or "log_rank" for one in kinds]
    assert lengths[0] == lengths[1] == lengths[3]
    assert lengths[2] == lengths[4] != lengths[0], "neither is taken for the other"
    assert set(near[0].tree.labels) == set(near[1].tree.labels)
    assert near[1].grown.kind == "angular"
    add_vectors(database, VECTORS, np.eye(6))
    with pytest.raises(InputError, match="bad_distance"):
        build(database, "vectors", growth=Growth(replicates=0, distance="log_rank"))


def test_families_are_those_declared(database: Database) -> None:
    plant(database)
    trees = small_trees(at_once=100)
    with database.read() as session:
        protocol = protocols.get(session, "planted")
        built = trees.of_family(session, protocol, "org/Family 2", BARE)
        assert sorted(built.tree.labels) == sorted(
            label for label, of in zip(LABELS, OF, strict=True) if of == 2
        )
        assert set(built.annotated.families) == {"family 2"}
        with pytest.raises(NotFoundError, match="no_such_family") as caught:
            trees.of_family(session, protocol, "famly 2", BARE)
    assert "family 2" in caught.value.near


def test_the_tree_around_a_model_holds_its_nearest(database: Database) -> None:
    plant(database)
    trees = small_trees(at_once=100)
    with database.read() as session:
        protocol = protocols.get(session, "planted")
        middle = models.find(session, LABELS[3])
        built = trees.around(session, protocol, middle, 6, BARE)
        everyone = trees.around(session, protocol, middle, 200, BARE)
    assert set(built.tree.labels) == {
        label for label, of in zip(LABELS, OF, strict=True) if of == OF[3]
    }
    assert [built.tree.labels[tip] for tip in built.highlighted] == [LABELS[3]]
    assert everyone.tree.n_tips == len(LABELS)


def test_roots(database: Database) -> None:
    plant(database)
    for label, day in zip(LABELS, range(1, 43), strict=True):
        with database.write() as session:
            model = models.find(session, label)
            date = f"2024-{day % 12 + 1:02d}"
            models.add_claims(session, model.id, [Claim("released", date, "hub")])
    with database.read() as session:
        outgroup = tuple(models.find(session, LABELS[n]).id for n, of in enumerate(OF) if of == 1)
    built = build(
        database, "planted", growth=Growth(rooting="outgroup", outgroup=outgroup, replicates=0)
    )
    sides = {frozenset(clades(built.tree)[child]) for child in built.tree.children()[-1]}
    assert frozenset(n for n, of in enumerate(OF) if of == 1) in sides
    apart = Growth(rooting="outgroup", outgroup=outgroup[:1], replicates=0)
    with pytest.raises(InputError, match="bad_outgroup"):
        build(database, "planted", LABELS[0], LABELS[2], LABELS[3], growth=apart)
    dated = build(database, "planted", growth=Growth(dated=True, replicates=0))
    assert dated.dating is not None
    assert dated.dating.verdict == "inconclusive", "these dates mean nothing"
    assert not dated.annotated.is_dated


def test_what_was_grown_is_kept(database: Database) -> None:
    plant(database, range(20))
    trees = small_trees(at_once=100)
    with database.read() as session:
        protocol = protocols.get(session, "planted")
        first = trees.of(session, protocol, (), BARE)
        assert trees.of(session, protocol, (), BARE).grown is first.grown
        assert trees.of(session, protocol, (), Growth(replicates=5)).grown is not first.grown
    plant(database, range(20, 22))
    with database.read() as session:
        assert trees.of(session, protocol, (), BARE).grown is not first.grown
