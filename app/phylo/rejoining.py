"""A tree built anew in parts: the regions of a guide tree, each joined from its own distances.

Every cut that bounds a region takes part in it as one more tip, so that the regions' trees fit
together at the cuts. As DACTAL (Nelesen et al. 2012, Bioinformatics 28:i274) and guide-tree
merging (Smirnov and Warnow 2020, BMC Genomics 21:235) divide by a guide tree; with the cuts
as tips the parts need no search to be merged.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.phylo.guide import Between
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.regions import Region, regions
from app.phylo.rooting import root_above
from app.phylo.tree import NO_PARENT, Tree, assemble

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


def rejoined(guide: Tree, rows: I64, between: Between, most: int) -> Tree:
    """Return the tree of the tips of `guide` with every region of `most` tips joined anew.

    Tip i is row `rows[i]` for `between`. Only which tips share a region, and where a region
    ends, is taken from the guide. Time and distances O(n most). Raises InputError.
    """
    parts = [(region, _region_tree(region, rows, between)) for region in regions(guide, most)]
    names: list[str | None] = list(guide.labels)
    tops: dict[int, int] = {}  # by the branch that bounds a region above: the node it hangs by
    for region, tree in parts:
        names += [None] * (tree.n_nodes - tree.n_tips)
        tops[region.top] = len(names) - 1
    stems = _stems(parts, rows, between)
    parents, lengths = [NO_PARENT] * len(names), [0.0] * len(names)
    for region, tree in parts:
        own = _own(region, tree, tops)
        for node, parent in enumerate(tree.parents[:-1].tolist()):
            if own[node] != NO_PARENT:
                parents[own[node]] = own[parent]
                lengths[own[node]] = float(tree.lengths[node])
        for place, cut in enumerate(region.beyond, len(region.tips)):
            if own[place] != NO_PARENT:
                lengths[own[place]] = stems[cut.branch]
    return assemble(names, parents, lengths)


def among(between: Between, rows: I64) -> F64:
    """Distances of some rows among themselves, symmetric with a zero diagonal."""
    found = between(rows, rows)
    found = (found + found.T) / 2
    np.fill_diagonal(found, 0.0)
    return found


def _region_tree(region: Region, rows: I64, between: Between) -> Tree:
    """The exact tree of a region, hung by its upper cut: its tips, then one for each cut.

    The distance to a cut is the mean over its witnesses. So its branch is too long by their own
    way to the cut: that changes no join, and is taken off where two regions meet.
    """
    groups = [*region.tips[:, None], *(one.tips for one in region.beyond)]
    counts = np.array([len(group) for group in groups])
    starts = np.cumsum(counts) - counts
    found = among(between, rows[np.concatenate(groups)])
    found = np.add.reduceat(np.add.reduceat(found, starts, axis=0), starts, axis=1)
    found /= counts[:, None] * counts
    np.fill_diagonal(found, 0.0)
    tree = neighbour_joining(found, [""] * len(groups), overwrite=True)
    if _is_cut_above(region):
        tree = root_above(tree, int(tree.parents[len(region.tips)]), 0.0, "unrooted")
    return tree


def _own(region: Region, tree: Tree, tops: dict[int, int]) -> list[int]:
    """Which node of the whole tree each node of a region's tree is; the upper cut is none."""
    below = [NO_PARENT if cut.branch == region.top else tops[cut.branch] for cut in region.beyond]
    end = tops[region.top] + 1
    return [*region.tips.tolist(), *below, *range(end - (tree.n_nodes - tree.n_tips), end)]


def _stems(parts: Sequence[tuple[Region, Tree]], rows: I64, between: Between) -> dict[int, float]:
    """By cut the length of the branch that joins the two regions which it bounds.

    Either region measured that branch and the way to the witnesses in the other one. Both ways
    and the branch itself are what lies between the witnesses on both sides, so what is left of
    the sum is the branch. Lengths of the guide would do worse: those of the nearest tips are
    too short, since they were chosen for it.
    """
    sides: dict[int, list[I64]] = {}
    stems: dict[int, float] = {}
    for region, tree in parts:
        for place, cut in enumerate(region.beyond, len(region.tips)):
            sides.setdefault(cut.branch, []).append(rows[cut.tips])
            stems[cut.branch] = stems.get(cut.branch, 0.0) + float(tree.lengths[place])
    for branch, (one, other) in sides.items():
        stems[branch] = max(0.0, stems[branch] - float(between(one, other).mean()))
    return stems


def _is_cut_above(region: Region) -> bool:
    return bool(region.beyond) and region.beyond[0].branch == region.top
