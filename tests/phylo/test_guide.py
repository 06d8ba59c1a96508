import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.guide import extended
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from app.phylo.placement import NEAR


def apart(vectors, asked=None):
    def between(a, b):
        if asked is not None:
            asked.append((a.tolist(), b.tolist()))
        return np.abs(vectors[a, None] - vectors[None, b]).sum(axis=2)

    return between


@given(st.integers(0, 1000), st.integers(3, 60), st.integers(1, 60))
@settings(deadline=None, max_examples=20)
def test_old_tips_stay_and_every_new_one_is_there(seed, n, new):
    draw = np.random.default_rng(seed)
    vectors, rows = draw.normal(size=(n + new, 3)), draw.permutation(n + new)
    between = apart(vectors)
    tree = neighbour_joining(between(rows[:n], rows[:n]), [str(row) for row in rows[:n]])
    whole = extended(tree, rows[:n], rows[n:], vectors, between)
    assert whole.labels[:n] == tree.labels
    assert sorted(map(int, whole.labels)) == list(range(n + new))
    np.testing.assert_allclose(tip_distances(whole)[:n, :n], tip_distances(tree), atol=1e-9)


@pytest.mark.parametrize("n", [5, 150, 700])
def test_the_nearest_tips_are_among_those_that_are_compared(n):
    draw = np.random.default_rng(n)
    vectors, rows, more = draw.normal(size=(n + 20, 5)), np.arange(n), np.arange(n, n + 20)
    tree = neighbour_joining(apart(vectors)(rows, rows), [str(row) for row in rows])
    asked = []
    extended(tree, rows, more, vectors, apart(vectors, asked))
    compared = {row: set(tips) for some, tips in asked for row in some}
    for row in more:
        straight = ((vectors[:n] - vectors[row]) ** 2).sum(axis=1)
        assert set(np.argsort(straight)[:NEAR].tolist()) <= compared[row]
