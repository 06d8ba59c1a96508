"""Consensus trees: DendroPy judges."""

import dendropy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.consensus import consensus
from app.phylo.formats.newick import write
from app.phylo.paths import tip_distances
from app.phylo.splits import clade_masks, split_masks
from tests.phylo.strategies import caterpillar, random_tree, seeded, trees


def perturbed(n, seed, r):
    """Trees that agree in part: one tree, and others with their first tips at odds."""
    names = [f"m{i}" for i in range(n)]
    base = random_tree(seeded(seed), names, True, False)
    return [base if i % 3 else random_tree(seeded(seed + i), names, True, False) for i in range(r)]


def judged(given_trees):
    space = dendropy.TaxonNamespace()
    read = dendropy.TreeList(taxon_namespace=space)
    for one in given_trees:
        text = write(one)
        read.append(
            dendropy.Tree.get(
                data=text, schema="newick", taxon_namespace=space, rooting="force-unrooted"
            )
        )
    tree = read.consensus(min_freq=0.5, is_bipartitions_updated=False)
    number = {taxon.label: int(taxon.label[1:]) for taxon in space}
    everything = (1 << len(space)) - 1
    found = {}
    for node in tree.postorder_internal_node_iter():
        mask = sum(1 << number[leaf.taxon.label] for leaf in node.leaf_iter())
        side = mask ^ everything if mask & 1 else mask
        if 2 <= side.bit_count() <= len(space) - 2:
            found[side] = node.support
    return found


def shares(tree):
    everything = (1 << tree.n_tips) - 1
    pairs = zip(clade_masks(tree), tree.support, strict=True)
    return {mask ^ everything if mask & 1 else mask: x for mask, x in pairs if not np.isnan(x)}


@given(st.integers(4, 12), st.integers(0, 10**6), st.integers(2, 9))
@settings(deadline=None, max_examples=30)
def test_dendropy_agrees(n, seed, r):
    some = perturbed(n, seed, r)
    ours = shares(consensus(some))
    theirs = judged(some)
    # At one half exactly DendroPy takes what it happens to meet first.
    assert {side: x for side, x in theirs.items() if x > 0.5} == pytest.approx(ours)


@given(trees(min_tips=3, max_tips=20))
@settings(deadline=None, max_examples=30)
def test_trees_that_agree_are_their_consensus(tree):
    found = consensus([tree, tree])
    assert robinson_foulds(found, tree) == 0
    np.testing.assert_allclose(tip_distances(found), tip_distances(tree), atol=1e-9)
    known = found.support[~np.isnan(found.support)]
    assert (known == 1).all()


@given(st.integers(4, 12), st.integers(0, 10**6), st.integers(1, 9))
@settings(deadline=None, max_examples=30)
def test_greedy_adds_to_the_majority(n, seed, r):
    some = perturbed(n, seed, r)
    majority, extended = consensus(some), consensus(some, greedy=True)
    assert split_masks(majority) <= split_masks(extended)
    assert len(split_masks(extended)) == n - 3  # one of the trees is binary: it can be completed
    counts = shares(extended)
    assert split_masks(extended) <= set().union(*(split_masks(one) for one in some))
    assert all(x > 0 for x in counts.values())


def test_a_deep_tree_is_no_trouble():
    deep = caterpillar(600)
    assert robinson_foulds(consensus([deep, deep, deep]), deep) == 0


@pytest.mark.parametrize(
    ("given_trees", "above", "code"),
    [
        ([], 0.5, "no_replicates"),
        ([caterpillar(4), caterpillar(5)], 0.5, "different_tips"),
        ([caterpillar(2)], 0.5, "too_few_tips"),
        ([caterpillar(4)], 0.4, "bad_share"),
        ([caterpillar(4)], 1.0, "bad_share"),
    ],
)
def test_bad_input_is_refused(given_trees, above, code):
    with pytest.raises(InputError) as caught:
        consensus(given_trees, above)
    assert caught.value.code == code
