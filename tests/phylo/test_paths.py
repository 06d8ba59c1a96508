import numpy as np
from hypothesis import given, settings

from app.phylo.paths import depths, tip_distances
from tests.phylo.strategies import caterpillar, trees


def way_up(tree, node):
    way = [node]
    while way[-1] != tree.root:
        way.append(int(tree.parents[way[-1]]))
    return way


@given(trees(max_tips=12))
@settings(deadline=None, max_examples=30)
def test_a_path_is_the_branches_that_only_one_of_two_ways_up_has(tree):
    paths = tip_distances(tree)
    for a in tree.tips:
        for b in tree.tips:
            branches = list(set(way_up(tree, a)) ^ set(way_up(tree, b)))
            np.testing.assert_allclose(paths[a, b], tree.lengths[branches].sum(), atol=1e-12)


@given(trees())
@settings(deadline=None, max_examples=30)
def test_depth_is_the_length_of_the_way_up(tree):
    ways = [tree.lengths[way_up(tree, node)].sum() for node in range(tree.n_nodes)]
    np.testing.assert_allclose(depths(tree), ways, atol=1e-12)


def test_deep_trees():
    assert depths(caterpillar(3000)).max() == 2999
