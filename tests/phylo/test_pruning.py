"""Pruning: what is left is as far apart as before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read, write
from app.phylo.paths import depths, tip_distances
from app.phylo.pruning import restrict
from tests.phylo.strategies import caterpillar, trees


@given(trees(min_tips=1, max_tips=25, support=True), st.data())
@settings(deadline=None, max_examples=60)
def test_paths_between_the_tips_stay(tree, data):
    tips = data.draw(st.lists(st.sampled_from(tree.tips), min_size=1, unique=True))
    part = restrict(tree, tips)
    assert part.labels == tuple(tree.labels[tip] for tip in tips)
    np.testing.assert_allclose(
        tip_distances(part), tip_distances(tree)[np.ix_(tips, tips)], atol=1e-9
    )
    # The root is their last common ancestor: no tip is further from it than before.
    fallen = depths(tree)[tips] - depths(part)[: len(tips)]
    np.testing.assert_allclose(fallen, fallen[0], atol=1e-9)
    assert (part.support, part.rooting) == (None, tree.rooting)


def test_branches_are_joined():
    tree = read("(((a:1,b:1):1,c:3):1,(d:1,e:1):2);")
    assert write(restrict(tree, [0, 3])) == "(a:3,d:3);"
    assert write(restrict(tree, [2, 0])) == "(c:3,a:2);"
    assert restrict(tree, [4]).labels == ("e",)
    assert restrict(tree, range(5)).n_nodes == tree.n_nodes


@pytest.mark.parametrize("tips", [[], [0, 0], [9], [-1]])
def test_tips_that_are_none(tips):
    with pytest.raises(InputError, match="bad_tips"):
        restrict(read("(a:1,b:1);"), tips)


def test_deep_trees():
    assert restrict(caterpillar(3000), [0, 2999]).lengths.sum() == 3000
