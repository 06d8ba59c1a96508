from hypothesis import given, settings

from app.phylo.splits import clade_masks, clades, mask_of, members, split_masks, splits
from app.phylo.tree import assemble
from tests.phylo.strategies import caterpillar, trees


@given(trees())
@settings(deadline=None, max_examples=30)
def test_clades_are_the_tips_below(tree):
    below = [{tip} for tip in tree.tips] + [set() for _ in range(tree.n_nodes - tree.n_tips)]
    for tip in tree.tips:
        node = tip
        while node != tree.root:
            node = int(tree.parents[node])
            below[node].add(tip)
    assert clades(tree) == below
    assert [mask_of(clade) for clade in clades(tree)] == clade_masks(tree)


@given(trees(min_tips=4, binary=True))
@settings(deadline=None, max_examples=30)
def test_a_binary_tree_has_n_minus_3_splits_and_none_has_tip_0(tree):
    assert len(split_masks(tree)) == tree.n_tips - 3
    assert all(0 not in split and 2 <= len(split) <= tree.n_tips - 2 for split in splits(tree))


def test_masks_and_sets():
    assert members(0b10110) == {1, 2, 4}
    assert members(0) == frozenset()
    assert mask_of([1, 2, 4]) == 0b10110


def test_splits_of_a_known_tree():
    # A pair of a and b, a pair of d and e, and c between them.
    tree = assemble([*"abcde", None, None, None], [5, 5, 7, 6, 6, 7, 7, -1], [1.0] * 7 + [0.0])
    assert splits(tree) == {frozenset({2, 3, 4}), frozenset({3, 4})}


def test_deep_trees():
    assert len(split_masks(caterpillar(2000))) == 1997
