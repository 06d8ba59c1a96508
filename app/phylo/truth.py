"""What a known genealogy says of each branch of a tree: what "true" means for support.

A tree has every model at a tip, the ancestors too, and resolves what a genealogy leaves open: of
a model and three children all four are equally near kin, yet a tree joins two of them first.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.phylo.comparison import Clade, descents
from app.phylo.splits import clade_masks, mask_of
from app.phylo.tree import Tree


class Truth(StrEnum):
    """Of a branch that has two tips or more on either side.

    CLADE: an ancestor's clade explains it: one side holds the ancestor and all who descend from
        it alone, the other all who do not; merges may be on either.
    RESOLVED: one side shares an ancestor and no clade is cut; but some who stand on the other
        side are as near kin, such as the ancestor's other children.
    UNITED: no clade is cut, but neither side shares an ancestor: families side by side.
    CUT: some clade has members on both sides, and so have the models outside it.

    Whoever reads of support believes CLADE or RESOLVED: the models of one side share descent, and
    none of them is nearer kin to a model on the other side.
    """

    CLADE = "clade"
    RESOLVED = "resolved"
    UNITED = "united"
    CUT = "cut"


SOUND = (Truth.CLADE, Truth.RESOLVED)


def truths(tree: Tree, lineage: Mapping[str, Sequence[str]]) -> list[Truth | None]:
    """Return what is true of the branch above each node, wherever the root is.

    None where a branch splits off one tip or none. `lineage` maps each model to its parents and
    may know more models than the tree has; a tip that it does not know is a founder. Tips have
    names of their own. Raises InputError `bad_lineage`.
    """
    known = {**dict.fromkeys(tree.labels, ()), **lineage}
    number = {label: tip for tip, label in enumerate(tree.labels)}
    lines = [_masks(clade, number) for clade in descents(known, tree.labels)]
    everything = (1 << tree.n_tips) - 1
    return [
        _truth(mask, everything, lines) if 2 <= mask.bit_count() <= tree.n_tips - 2 else None
        for mask in clade_masks(tree)
    ]


def _masks(clade: Clade, number: Mapping[str, int]) -> tuple[int, int]:
    """Those inside and those free."""
    inside, free = (mask_of(number[name] for name in some) for some in (clade.inside, clade.free))
    return inside, free


def _truth(side: int, everything: int, lines: Sequence[tuple[int, int]]) -> Truth:
    sides = (side, everything ^ side)
    for inside, free in lines:
        outside = everything ^ inside ^ free
        if inside and outside and any(_explains(one, inside, outside) for one in sides):
            return Truth.CLADE
    for inside, free in lines:
        outside = everything ^ inside ^ free
        if all(one & part for one in sides for part in (inside, outside)):
            return Truth.CUT
    shared = any(not one & ~(inside | free) for one in sides for inside, free in lines)
    return Truth.RESOLVED if shared else Truth.UNITED


def _explains(side: int, inside: int, outside: int) -> bool:
    return side & inside == inside and not side & outside
