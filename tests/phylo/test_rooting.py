import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read, write
from app.phylo.paths import depths, tip_distances
from app.phylo.rooting import midpoint, root_above
from app.phylo.splits import clade_masks
from tests.phylo.strategies import caterpillar, random_tree, seeded, trees


def support_of_splits(tree):
    """Support by split, the split written from the side without tip 0."""
    everything = (1 << tree.n_tips) - 1
    return {
        everything ^ mask if mask & 1 else mask: float(share)
        for mask, share in zip(clade_masks(tree), tree.support, strict=True)
        if not math.isnan(share)
    }


@given(trees(max_tips=30))
@settings(deadline=None, max_examples=50)
def test_the_root_is_the_middle_of_the_longest_path(tree):
    rooted = midpoint(tree)
    longest = tip_distances(tree).max()
    depth = depths(rooted)
    assert depth.max() == pytest.approx(longest / 2)
    # Two different branches of the root go down as far.
    reach = depth[: rooted.n_tips]
    masks = clade_masks(rooted)
    sides = rooted.children()[rooted.root]
    deep = [max(reach[tip] for tip in rooted.tips if masks[side] >> tip & 1) for side in sides]
    assert longest == 0 or sorted(deep)[-2] == pytest.approx(longest / 2)
    assert rooted.rooting == "midpoint"


@given(trees(max_tips=30, support=True))
@settings(deadline=None, max_examples=50)
def test_rooting_changes_nothing_but_the_root(tree):
    rooted = midpoint(tree)
    assert rooted.labels == tree.labels
    assert robinson_foulds(tree, rooted) == 0
    np.testing.assert_allclose(tip_distances(rooted), tip_distances(tree), atol=1e-9)


@given(trees(min_tips=2, max_tips=30), st.data())
@settings(deadline=None, max_examples=50)
def test_where_the_tree_hung_before_does_not_matter(tree, data):
    node = data.draw(st.integers(0, tree.root - 1))
    assume(tree.lengths[node] > 0)
    elsewhere = root_above(tree, node, float(tree.lengths[node]) * 0.3, "given")
    once, again = midpoint(tree), midpoint(elsewhere)
    tips = tree.n_tips
    np.testing.assert_allclose(depths(once)[:tips], depths(again)[:tips], atol=1e-9)
    np.testing.assert_allclose(tip_distances(elsewhere), tip_distances(tree), atol=1e-9)


@given(trees(min_tips=4, max_tips=20, support=True), st.data())
@settings(deadline=None, max_examples=50)
def test_support_stays_with_its_split(tree, data):
    # Hang it from an inner node first: two branches of one old root may disagree on support.
    tree = root_above(tree, data.draw(st.sampled_from(range(tree.n_tips, tree.n_nodes))), 0.0, "")
    assume(len(tree.children()[tree.root]) > 2)
    assert support_of_splits(midpoint(tree)) == support_of_splits(tree)


def test_both_halves_of_the_branch_that_was_cut_have_its_support():
    rooted = midpoint(read("((a:1,b:1)0.9:9,(c:1,d:1):1);"))
    assert write(rooted) == "((a:1,b:1)0.9:5,(c:1,d:1)0.9:5);"


@pytest.mark.parametrize("seed", range(5))
def test_scikit_bio_agrees(oracle, seed):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(25)], True, False)
    judged = oracle.ask("midpoint", newick=write(tree))
    ours = depths(midpoint(read(write(tree))))
    found = dict(zip(read(write(tree)).labels, ours, strict=False))
    expected = dict(zip(judged["names"], judged["depths"], strict=True))
    assert found == pytest.approx(expected)


def test_a_middle_at_a_node_adds_no_root():
    rooted = midpoint(read("(a:1,b:1,(c:1,d:1):3);"))
    assert write(rooted) == "((c:1,d:1):1.5,(a:1,b:1):1.5);"
    assert write(midpoint(read("((a:2,b:2):1,(c:1,d:1):0.5,e:3);"))).count("(") == 3


def test_ties_and_trees_without_length():
    star = read("(a:1,b:1,c:1,d:1);")
    assert write(midpoint(star)) == write(star)
    flat = read("((a:0,b:0):0,c:0);")
    assert write(midpoint(flat)) == write(flat)
    assert midpoint(flat).rooting == "midpoint"
    assert midpoint(read("a;")).labels == ("a",)
    assert write(midpoint(read("(a:1,b:3);"))) == "(a:2,b:2);"


def test_deep_trees():
    assert depths(midpoint(caterpillar(3000))).max() == pytest.approx(1500)
