"""Collapsed trees: what goes, what stays, and where it stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.collapsing import annotated_collapsed, collapsed
from app.phylo.paths import depths
from app.phylo.splits import clade_masks
from tests.phylo.strategies import caterpillar, trees


@given(trees(min_tips=2, support=True), st.floats(0, 1))
@settings(deadline=None)
def test_what_is_supported_stays_where_it_was(tree, below):
    found = collapsed(tree, below)
    weak = tree.support < below
    masks, was = clade_masks(tree), depths(tree)
    # A polytomy's nodes are told apart by their clades, since every inner node has two children.
    place = {mask: was[node] for node, mask in enumerate(masks) if not weak[node]}
    assert found.labels == tree.labels
    assert found.rooting == tree.rooting
    assert set(clade_masks(found)) == set(place)
    for node, mask in enumerate(clade_masks(found)):
        assert depths(found)[node] == pytest.approx(place[mask])
    assert not (found.support < below).any()


@given(trees(min_tips=2, support=True), st.floats(0, 1))
@settings(deadline=None)
def test_what_is_known_of_nodes_goes_with_them(tree, below):
    column = np.arange(tree.n_nodes, dtype=float)
    words = tuple(f"w{tip}" for tip in tree.tips)
    whole = Annotated(tree, {"number": column}, depths(tree), words, {"trait": words})
    found = annotated_collapsed(whole, below)
    masks = clade_masks(tree)
    assert [masks[int(number)] for number in found.branches["number"]] == clade_masks(found.tree)
    np.testing.assert_allclose(found.dates, depths(found.tree))
    assert found.families == words
    assert found.traits == {"trait": words}


def test_nothing_is_below_zero_and_all_below_more_than_one():
    tree = caterpillar(5)
    support = np.array([np.nan] * 5 + [0.0, 0.5, 1.0, np.nan])
    tree = type(tree)(tree.labels, tree.parents, tree.lengths, support)
    assert collapsed(tree, 0.0).n_nodes == tree.n_nodes
    star = collapsed(tree, 1.1)
    assert star.n_nodes == 6
    assert star.lengths.tolist() == [4, 4, 3, 2, 1, 0]


def test_a_tree_without_support_is_not_collapsed():
    with pytest.raises(InputError) as caught:
        collapsed(caterpillar(4), 0.5)
    assert caught.value.code == "no_support"
