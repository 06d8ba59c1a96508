"""When a standing tree should be built anew, since too much was only placed into it.

Measured (docs/trees.md) by the share of wrong splits, against a tree built from all tips at once:
of tips that were placed without regard to each other a tenth of all adds 2 to 6 % to it, a fifth
5 to 12 %, half of all 36 to 60 %. Placed one after the other, each into the tree with those
before it, half of all adds 8 %. Placements do not fit worse as their share grows, so the share
is the rule; their fit tells when what comes is not like what the tree was built from.
"""

import math

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.tree import NO_PARENT, Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Of all tips, those that were placed.
MOST_PLACED = 0.1
# Times the error that is usual. Measured: 0.9 to 1.2 for models like those in the tree; 1.3 to
# 18 where the distances of each new tip were shuffled, so that it belongs nowhere.
MOST_ERROR = 1.3
# Errors differ by up to six tenths of their mean: fewer placements say little of it.
FEW = 20


def is_stale(n_tips: int, n_placed: int, error: float = 0.0, usual: float = 0.0) -> bool:
    """Return whether a tree of `n_tips` tips, of which `n_placed` were placed, is to be rebuilt.

    error: mean `Placement.error` of the placed tips, if it is known. usual: mean `misfit` of some
    tips that the tree was built from. Stale is a tree with more than a tenth of its tips placed,
    or, once there are 20, with an error more than 1.3 times the usual one. Raises InputError
    `bad_staleness`.
    """
    if not 0 <= n_placed <= n_tips or not (error >= 0 and usual >= 0):
        raise InputError(
            "bad_staleness", "Give no more placed tips than tips, and errors that are not negative."
        )
    if n_placed > MOST_PLACED * n_tips:
        return True
    return n_placed >= FEW and error > MOST_ERROR * usual


def misfit(tree: Tree, tip: int, distances: F64, tips: I64) -> float:
    """Return how badly a tip of the tree fits its distances (m,) to other `tips` (m,).

    In the unit of `Placement.error`: the root of the mean squared relative difference between
    distances and paths. Tips at no distance are left out. O(m depth). Raises InputError
    `bad_distances` where none is left.
    """
    known = distances > 0
    if not known.any() or not np.isfinite(distances).all():
        raise InputError("bad_distances", "Give finite distances, and one above zero at least.")
    above = _above(tree, tip)
    paths = np.array([_path(tree, above, int(other)) for other in tips[known]])
    return math.sqrt((((distances[known] - paths) / distances[known]) ** 2).mean())


def _above(tree: Tree, node: int) -> dict[int, float]:
    """The path from a node to each node above it."""
    paths, climbed = {}, 0.0
    while node != NO_PARENT:
        paths[node] = climbed
        climbed += float(tree.lengths[node])
        node = int(tree.parents[node])
    return paths


def _path(tree: Tree, above: dict[int, float], node: int) -> float:
    climbed = 0.0
    while node not in above:
        climbed += float(tree.lengths[node])
        node = int(tree.parents[node])
    return climbed + above[node]
