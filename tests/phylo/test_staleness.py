import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.paths import tip_distances
from app.phylo.staleness import is_stale, misfit
from tests.phylo.strategies import caterpillar, trees


def test_a_tenth_of_the_tips_may_be_placed():
    assert not is_stale(100, 0, 0.0, 0.05)
    assert not is_stale(100, 10, 0.05, 0.05)
    assert is_stale(100, 11, 0.05, 0.05)


def test_placements_that_do_not_fit_make_a_tree_stale():
    assert is_stale(1000, 20, 0.07, 0.05)
    assert not is_stale(1000, 20, 0.06, 0.05)
    assert not is_stale(1000, 19, 0.07, 0.05)  # too few to say
    assert not is_stale(1000, 20, 0.0, 0.0)
    assert is_stale(1000, 20, 0.01, 0.0)


@given(st.integers(1, 1000), st.floats(0, 10), st.floats(0, 10))
def test_more_placements_never_make_a_tree_fresh(n, error, usual):
    stale = [is_stale(n, placed, error, usual) for placed in range(n + 1)]
    assert stale == sorted(stale)


@pytest.mark.parametrize(
    "given_",
    [(10, 11, 0.1, 0.1), (10, -1, 0.1, 0.1), (10, 1, math.nan, 0.1), (10, 1, 0.1, -1.0)],
)
def test_bad_counts_are_refused(given_):
    with pytest.raises(InputError) as caught:
        is_stale(*given_)
    assert caught.value.code == "bad_staleness"


@given(trees(min_tips=2, max_tips=20, binary=True), st.floats(0.5, 1.5))
@settings(deadline=None, max_examples=30)
def test_misfit_is_the_relative_difference(tree, share):
    paths = tip_distances(tree)[0, 1:]
    others = np.arange(1, tree.n_tips)
    assert misfit(tree, 0, paths * share, others) == pytest.approx(abs(1 - 1 / share))


def test_of_deep_trees_and_of_copies():
    tree = caterpillar(3000)
    distances = np.array([1.0, 2.0, 1500.0])
    assert misfit(tree, 0, distances, np.array([1, 2, 2999])) > 0
    pair = read("(a:1,b:1,c:0);")
    assert misfit(pair, 0, np.array([2.0, 0.0]), np.array([1, 2])) == 0
    for bad in ([0.0, 0.0], [math.nan, 1.0]):
        with pytest.raises(InputError):
            misfit(pair, 0, np.array(bad), np.array([1, 2]))
