"""Standing trees in the database: the newest version, whole, and no other."""

import numpy as np

from app.dna.protocol import reported_vectors
from app.phylo.tree import Tree
from app.store import protocols, trees
from app.store.database import Database
from app.store.trees import StandingTree

NAN = float("nan")
TREE = Tree(
    ("3", "5", "9"),
    np.array([4, 3, 3, 4, -1]),
    np.array([0.1, 0.2, 0.3, 0.4, 0]),
    np.array([NAN, NAN, NAN, 0.75, NAN]),
    "midpoint",
)


def standing(database: Database, version: int, tree: Tree = TREE) -> StandingTree:
    with database.write() as session:
        protocol = protocols.ensure(session, reported_vectors("mine", 3))
        made = StandingTree(
            protocol_digest=protocol.digest,
            version=version,
            reference_version=2,
            last_seq=9,
            tree=tree,
            branches={"transfer": np.array([NAN, NAN, NAN, 0.8, NAN])},
            facts={"kind": "angular", "fit": {"cv": 0.5}, "replicates": 100, "usual_error": 0.1},
        )
        trees.add(session, made, trees.packed(made))
    return made


def test_a_tree_comes_back_as_it_was(database: Database) -> None:
    made = standing(database, 1)
    with database.read() as session:
        found = trees.latest(session, made.protocol_digest)
        assert trees.latest_version(session, made.protocol_digest) == 1
        assert trees.latest_last_seq(session, made.protocol_digest) == made.last_seq
    assert found is not None
    assert (found.version, found.reference_version, found.last_seq) == (1, 2, 9)
    assert found.facts == made.facts
    assert found.created_at > 1e9
    assert (found.tree.labels, found.tree.rooting) == (TREE.labels, "midpoint")
    assert found.tree.support is not None
    for name in ("parents", "lengths", "support"):
        np.testing.assert_array_equal(getattr(found.tree, name), getattr(TREE, name))
    np.testing.assert_array_equal(found.branches["transfer"], made.branches["transfer"])


def test_a_new_version_takes_the_place_of_the_old(database: Database) -> None:
    made = standing(database, 1)
    standing(database, 2, Tree(("3", "5"), np.array([2, 2, -1]), np.array([0.1, 0.2, 0])))
    with database.read() as session:
        found = trees.latest(session, made.protocol_digest)
    assert found is not None
    assert (found.version, found.tree.n_tips, found.tree.support) == (2, 2, None)


def test_where_none_was_grown(database: Database) -> None:
    with database.read() as session:
        assert trees.latest(session, "x") is None
        assert trees.latest_version(session, "x") == trees.latest_last_seq(session, "x") == 0
