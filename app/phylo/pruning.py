"""A tree without some of its tips."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from app.errors import InputError
from app.phylo.tree import NO_PARENT, Tree, assemble


def pruned(tree: Tree, keep: Sequence[int]) -> Tree:
    """Return the tree of the tips `keep`, in that order; time O(nodes).

    Paths between the tips that stay keep their lengths: a node that is left with one child is
    dissolved, and its two branches are one branch as long as both, with the larger of their
    supports (a replicate that has either has what is left of it). The root stays where it is
    while it has two children, else it is the last common ancestor of what stays.

    Raises InputError `bad_tips` for tips that the tree lacks, or none, or one twice.
    """
    if not keep or len(set(keep)) != len(keep) or not set(keep) <= set(tree.tips):
        raise InputError("bad_tips", "Keep one or more of the tree's tips, each once.")
    families = _families(tree, keep)
    stays = set(keep) | {node for node, count in enumerate(families) if count > 1}
    place = {node: new for new, node in enumerate([*keep, *sorted(stays - set(keep))])}
    parents, lengths = [NO_PARENT] * len(place), [0.0] * len(place)
    support = [math.nan] * len(place)
    for node, new in place.items():
        above, length, share = _climb(tree, node, stays)
        if above != NO_PARENT:
            parents[new], lengths[new], support[new] = place[above], length, share
    names = [tree.labels[tip] for tip in keep] + [None] * (len(place) - len(keep))
    supported = None if tree.support is None else [*[math.nan] * len(keep), *support[len(keep) :]]
    return assemble(names, parents, lengths, supported, tree.rooting)


def restrict(tree: Tree, tips: Sequence[int]) -> Tree:
    """Return `pruned` without support, for where that of a joined branch would be nobody's."""
    return replace(pruned(tree, tips), support=None)


def _families(tree: Tree, keep: Sequence[int]) -> list[int]:
    """How many children of each node have something below them that stays."""
    families = [0] * tree.n_nodes
    staying = set(keep)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        if node in staying or families[node]:
            families[parent] += 1
    return families


def _climb(tree: Tree, node: int, stays: set[int]) -> tuple[int, float, float]:
    """The next node above that stays, -1 if none does, the way to it, and its best support."""
    length, best = 0.0, math.nan
    while node != tree.root:
        length += float(tree.lengths[node])
        share = math.nan if tree.support is None else float(tree.support[node])
        best = float(np.fmax(best, share))  # the known one where only one is known
        node = int(tree.parents[node])
        if node in stays:
            return node, length, best
    return NO_PARENT, 0.0, math.nan
