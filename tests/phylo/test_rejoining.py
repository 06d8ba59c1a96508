import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.comparison import robinson_foulds
from app.phylo.paths import tip_distances
from app.phylo.rejoining import rejoined
from app.phylo.tree import Tree
from tests.phylo.strategies import caterpillar, random_tree, seeded


def labelled(tree, rows):
    return Tree(tuple(str(row) for row in rows), tree.parents, tree.lengths)


@given(st.integers(0, 10_000), st.integers(1, 100), st.integers(8, 30))
@settings(deadline=None, max_examples=25)
def test_what_is_cut_from_an_additive_tree_makes_it_again(seed, n, most):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    rows = np.random.default_rng(seed).permutation(n)
    paths = np.zeros((n, n))
    paths[np.ix_(rows, rows)] = tip_distances(tree)
    again = rejoined(labelled(tree, rows), rows, lambda a, b: paths[np.ix_(a, b)], most)
    assert robinson_foulds(again, labelled(tree, rows)) == 0
    np.testing.assert_allclose(tip_distances(again), tip_distances(tree), atol=1e-9)


def test_wrong_branches_within_a_region_are_mended():
    tree = random_tree(seeded(4), [f"m{i}" for i in range(12)], True, False)
    other = random_tree(seeded(5), [f"m{i}" for i in range(12)], True, False)
    paths = tip_distances(tree)
    again = rejoined(other, np.arange(12), lambda a, b: paths[np.ix_(a, b)], 12)
    assert robinson_foulds(again, tree) == 0


def test_lengths_of_the_guide_do_not_matter():
    tree = random_tree(seeded(6), [f"m{i}" for i in range(200)], True, False)
    paths = tip_distances(tree)
    other = Tree(tree.labels, tree.parents, tree.lengths**2)
    again = rejoined(other, np.arange(200), lambda a, b: paths[np.ix_(a, b)], 30)
    assert robinson_foulds(again, tree) == 0
    np.testing.assert_allclose(tip_distances(again), paths, atol=1e-9)


def test_deep_trees():
    tree = caterpillar(1500)
    paths = tip_distances(tree)
    again = rejoined(tree, np.arange(1500), lambda a, b: paths[np.ix_(a, b)], 100)
    assert robinson_foulds(again, tree) == 0
