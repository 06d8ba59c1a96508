"""Abouheif's C: the sum over nodes is that over all pairs of tips."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.autocorrelation import autocorrelation
from app.phylo.formats.newick import read
from tests.phylo.strategies import caterpillar, trees


def proximity(tree):
    """The definition of Pavoine et al.: over the nodes of each path."""
    children = [len(below) for below in tree.children()]
    above = []
    for tip in tree.tips:
        path, node = [], int(tree.parents[tip])
        while node >= 0:
            path.append(node)
            node = int(tree.parents[node])
        above.append(path)
    matrix = np.zeros((tree.n_tips, tree.n_tips))
    for one in tree.tips:
        for other in tree.tips:
            shared = set(above[one]) & set(above[other])
            on_path = (set(above[one]) ^ set(above[other])) | {min(shared)}
            nodes = above[one] if one == other else on_path
            matrix[one, other] = 1 / np.prod([children[node] for node in nodes])
    return matrix


@given(trees(min_tips=2, max_tips=15), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_the_definition(tree, seed):
    a = proximity(tree)
    np.testing.assert_allclose(a.sum(axis=1), 1)
    values = np.random.default_rng(seed).normal(size=(3, tree.n_tips))
    x = values - values.mean(axis=1, keepdims=True)
    expected = [row @ a @ row / (row @ row) for row in x]
    np.testing.assert_allclose(autocorrelation(tree, values), expected, atol=1e-9)


def test_near_tips_that_are_alike():
    tree = read("((a:1,b:1):1,(c:1,d:1):1);")
    alike, unlike = autocorrelation(tree, np.array([[1.0, 1, 0, 0], [1, 0, 1, 0]]))
    assert alike > 0 > unlike


def test_deep_trees():
    values = np.random.default_rng(0).normal(size=(1, 3000))
    assert np.isfinite(autocorrelation(caterpillar(3000), values)).all()
