import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.comparison import robinson_foulds
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.tree import NO_PARENT, Tree
from benchmarks.grown import distances, grown
from benchmarks.published_search import join_as_published


@given(st.integers(4, 120), st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_the_published_search_finds_the_same_tree(n, seed):
    matrix, names = distances(grown(n, seed)), [str(tip) for tip in range(n)]
    parents, lengths = np.full(2 * n - 2, NO_PARENT), np.zeros(2 * n - 2)
    ours = neighbour_joining(matrix, names)
    join_as_published(matrix, parents, lengths)
    theirs = Tree(tuple(names), parents, np.maximum(lengths, 0.0))
    assert robinson_foulds(ours, theirs) == 0
    np.testing.assert_allclose(theirs.total_length, ours.total_length)
