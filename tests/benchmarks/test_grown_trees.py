import numpy as np
import pytest

from app.phylo.paths import tip_distances
from benchmarks.grown_trees import grown_tree, squared


def test_vectors_are_as_far_apart_as_their_tips_on_average():
    tree, vectors = grown_tree(30, 1, 20_000)
    assert tree.n_tips == len(vectors) == 30
    np.testing.assert_allclose(squared(vectors, vectors), tip_distances(tree), rtol=0.1, atol=1e-3)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_a_seed_is_a_tree(n):
    (tree, vectors), (same, again) = grown_tree(n, 3, 4), grown_tree(n, 3, 4)
    np.testing.assert_array_equal(tree.parents, same.parents)
    np.testing.assert_array_equal(vectors, again)
