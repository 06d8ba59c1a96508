"""A leaf: which tips lie below each branch, as bit masks (bit i of an int is tip i).

A mask of 2,000 tips is 250 bytes, where a frozenset is 100 kB; bootstrap compares millions.
"""

from collections.abc import Iterable

from app.phylo.tree import Tree


def clade_masks(tree: Tree) -> list[int]:
    """Return for every node the mask of the tips at or below it."""
    masks = [1 << tip for tip in tree.tips] + [0] * (tree.n_nodes - tree.n_tips)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        masks[parent] |= masks[node]
    return masks


def split_masks(tree: Tree) -> set[int]:
    """Return the splits that say something (both sides >= 2 tips), wherever the root is.

    Each is the mask of the side without tip 0.
    """
    everything = (1 << tree.n_tips) - 1
    sides = {mask ^ everything if mask & 1 else mask for mask in clade_masks(tree)}
    return {side for side in sides if 2 <= side.bit_count() <= tree.n_tips - 2}


def clades(tree: Tree) -> list[frozenset[int]]:
    """Return for every node the set of the tips at or below it."""
    return [members(mask) for mask in clade_masks(tree)]


def splits(tree: Tree) -> set[frozenset[int]]:
    """Return the informative splits, each as the set of tips on the side without tip 0."""
    return {members(mask) for mask in split_masks(tree)}


def members(mask: int) -> frozenset[int]:
    """Return the tips of a mask."""
    return frozenset(tip for tip, bit in enumerate(reversed(f"{mask:b}")) if bit == "1")


def mask_of(tips: Iterable[int]) -> int:
    """Return the mask of some tips."""
    mask = 0
    for tip in tips:
        mask |= 1 << tip
    return mask
