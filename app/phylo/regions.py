"""A large tree in connected parts, and what stands in each part for the rest of the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

I64 = NDArray[np.int64]

# Of the tips of a part, what either side of a cut keeps at least: low, so that long branches,
# about which there is no doubt, can be cut.
SHARE = 0.2
# Tips that stand together for what lies beyond a cut.
WITNESSES = 32


@dataclass(frozen=True, eq=False)
class Beyond:
    """What lies beyond a cut branch, as seen from one of its sides: the tips nearest to it."""

    branch: int
    tips: I64


@dataclass(frozen=True, eq=False)
class Region:
    """A connected part of a tree: its tips, and what lies beyond each cut that bounds it.

    top: the cut branch above all of it, or the root; `beyond` starts with that branch, if any.
    """

    top: int
    tips: I64
    beyond: tuple[Beyond, ...]


def regions(tree: Tree, most: int) -> list[Region]:
    """Cut a tree into regions of at most `most` tips, each of one at least.

    Cut is the longest of the branches that leave a fifth of the tips on either side, again and
    again. Every cut bounds two regions. In trees where a node has many branches a region can
    be as large as it has branches. Time O(nodes log nodes) where cuts are balanced.
    """
    from app.phylo.kernels.cutting import cut_branches

    cut = cut_branches(tree.parents, tree.lengths, tree.n_tips, most, SHARE)
    top = np.arange(tree.n_nodes)
    for node in range(tree.root - 1, -1, -1):
        if not cut[node]:
            top[node] = top[tree.parents[node]]
    neighbours = _neighbours(tree)
    bounds: dict[int, list[Beyond]] = {int(node): [] for node in np.unique(top)}
    for branch in np.flatnonzero(cut).tolist():
        parent = int(tree.parents[branch])
        bounds[branch].insert(0, _beyond(tree, neighbours, branch, parent))
        bounds[int(top[parent])].append(_beyond(tree, neighbours, branch, branch))
    tips = np.argsort(top[: tree.n_tips], kind="stable")
    starts = np.searchsorted(top[tips], list(bounds), "left")
    ends = np.searchsorted(top[tips], list(bounds), "right")
    return [
        Region(node, tips[start:end], tuple(bounds[node]))
        for node, start, end in zip(bounds, starts, ends, strict=True)
    ]


def _beyond(tree: Tree, neighbours: Sequence[Sequence[int]], branch: int, side: int) -> Beyond:
    """The tips nearest to a branch, by paths, on the side of one of its two ends."""
    ends = (branch, int(tree.parents[branch]))
    came = ends[0] if side == ends[1] else ends[1]
    heap = [(0.0, side, came)]
    tips: list[int] = []
    while heap and len(tips) < WITNESSES:
        path, node, before = heappop(heap)
        if node < tree.n_tips:
            tips.append(node)
        for other in neighbours[node]:
            if other != before:
                step = tree.lengths[node if tree.parents[node] == other else other]
                heappush(heap, (path + float(step), other, node))
    return Beyond(branch, np.array(tips))


def _neighbours(tree: Tree) -> list[list[int]]:
    around = tree.children()
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        around[node].append(parent)
    return around
