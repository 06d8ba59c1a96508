"""Where a new tip belongs in a standing tree, by weighted least squares, in O(nodes).

After APPLES (Balaban, Sarmashghi and Mirarab 2020, Systematic Biology 69:566) and APPLES-2
(Balaban et al. 2022, Molecular Ecology Resources 22:1213): the tree stays as it is, and every
branch is tried as the place from which the new tip hangs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.tree import NO_PARENT, Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# How many tips it takes, by leave-one-out on real answers and on synthetic trees: few near ones,
# whose distances were chosen for being small and so are too small, and many that were not chosen.
NEAR = 10
ANCHORS = 100

# Of the largest distance: what is nearer weighs no more. Strands are rounded to about this.
NEAREST = 1e-3


@dataclass(frozen=True)
class Placement:
    """Where a tip hangs: from the point `above` over `branch` on its branch, `pendant` long.

    branch: the node below the branch, never the root. error: root of the mean squared relative
    difference between the distances given and the paths in the tree, 0 for a perfect fit.
    """

    branch: int
    above: float
    pendant: float
    error: float


class Standing:
    """A tree into which tips are placed; never changed, so threads may share it."""

    def __init__(self, tree: Tree) -> None:
        """Take a tree of two tips or more; InputError `too_few_tips`."""
        if tree.n_tips < 2:
            raise InputError("too_few_tips", "Give a tree of two tips or more to place into.")
        self.tree = tree

    @cached_property
    def depth_first(self) -> I64:
        """All tips (n,): those that are near each other in the tree come after each other."""
        order = [node for node in self.tree.postorder() if node < self.tree.n_tips]
        return np.array(order, dtype=np.int64)

    def anchors(self, most: int = ANCHORS) -> I64:
        """Return up to `most` tips, spread evenly over the tree: always the same ones."""
        n = self.tree.n_tips
        few = min(most, n)
        return self.depth_first[(np.arange(few) * n + n // 2) // few]

    def place(self, distances: F64, tips: I64) -> Placement:
        """Return the place where sum (distance - path)^2 / distance^2 over `tips` is least.

        `distances` (m,) float64, of the new tip to `tips` (m,) int64, m >= 2: its NEAR nearest
        ones and the `anchors` say where it belongs, the others need not be known.
        Weights as of Fitch and Margoliash (1967); branch lengths are not negative. A distance of
        zero is a copy: it hangs from that tip. Where the tips leave several places open, as
        branches that lead to none of them do, it is the one nearest to the tips; of ties one.
        Exact for additive distances if the new tip's branch lies on a path between the tips.
        O(nodes) time and space.

        Raises InputError `bad_distances` or `no_such_tip`.
        """
        from app.phylo.kernels.least_squares import best_place

        distances, tips = self._checked(distances, tips)
        copied = tips[distances == 0]
        if len(copied):
            return Placement(int(copied.min()), 0.0, 0.0, 0.0)
        weights = np.maximum(distances, NEAREST * distances.max()) ** -2
        node, above, pendant, error = best_place(
            self.tree.parents, self.tree.lengths, tips, distances, weights
        )
        return Placement(node, above, pendant, math.sqrt(max(error, 0.0) / len(tips)))

    def _checked(self, distances: F64, tips: I64) -> tuple[F64, I64]:
        distances = np.ascontiguousarray(distances, dtype=np.float64)
        tips = np.ascontiguousarray(tips, dtype=np.int64)
        if distances.ndim != 1 or tips.shape != distances.shape or len(np.unique(tips)) < 2:
            raise InputError("bad_distances", "Give one distance each to two tips or more.")
        if not np.isfinite(distances).all() or (distances < 0).any():
            raise InputError("bad_distances", "Give distances that are finite and not negative.")
        if tips.min() < 0 or tips.max() >= self.tree.n_tips:
            raise InputError("no_such_tip", f"Name tips from 0 to {self.tree.n_tips - 1}.")
        return distances, tips


def grafted(tree: Tree, placements: Sequence[Placement], labels: Sequence[str]) -> Tree:
    """Return the tree with placed tips: placement i is tip `tree.n_tips + i`, named `labels[i]`.

    Old tips keep their numbers. Placements are places in `tree` itself; several on one branch
    hang from it in the order of `above`, those at one point in the order given, joined by
    branches of length zero. Each old branch keeps its support above the old node; the rest of
    it and what is new have none (NaN). O(nodes log nodes).

    Raises InputError `bad_placement`.
    """
    if len(placements) != len(labels):
        raise InputError("bad_placement", "Give one name for each placement.")
    if not placements:
        return tree
    branch, above, pendant = _columns(tree, placements)
    new, n, nodes = len(labels), tree.n_tips, tree.n_nodes
    # Numbered for now: old nodes, new tips, then a joint for each, up along each branch.
    upward = np.lexsort((above, branch))
    branch, above = branch[upward], above[upward]
    joints = np.arange(nodes + new, nodes + 2 * new)
    is_lowest = np.append(True, branch[1:] != branch[:-1])
    is_highest = np.append(is_lowest[1:], True)
    over = tree.parents[branch]
    parents = np.concatenate((tree.parents, np.empty(2 * new, dtype=np.int64)))
    parents[nodes + upward] = joints
    parents[joints] = np.where(is_highest, over, np.append(joints[1:], NO_PARENT))
    parents[branch[is_lowest]] = joints[is_lowest]
    ends = np.where(is_highest, tree.lengths[branch], np.append(above[1:], 0.0))
    lengths = np.concatenate((tree.lengths, pendant, ends - above))
    lengths[branch[is_lowest]] = above[is_lowest]
    # A joint comes right before the node above its branch, so that children precede parents.
    inner = np.concatenate((np.arange(n, nodes), joints))
    inner = inner[np.argsort(np.concatenate((np.arange(n, nodes), over - 0.5)), kind="stable")]
    order = np.concatenate((np.arange(n), np.arange(nodes, nodes + new), inner))
    numbers = np.empty(len(order) + 1, dtype=np.int64)
    numbers[order], numbers[-1] = np.arange(len(order)), NO_PARENT
    support = None
    if tree.support is not None:
        support = np.concatenate((tree.support, np.full(2 * new, np.nan)))[order]
    names = (*tree.labels, *labels)
    return Tree(names, numbers[parents[order]], lengths[order], support, tree.rooting)


def _columns(tree: Tree, placements: Sequence[Placement]) -> tuple[I64, F64, F64]:
    """Branches, heights and pendants of placements that the tree has."""
    branch = np.array([placed.branch for placed in placements], dtype=np.int64)
    above = np.array([placed.above for placed in placements])
    pendant = np.array([placed.pendant for placed in placements])
    if branch.min() < 0 or branch.max() >= tree.root:
        raise InputError("bad_placement", "Place tips on branches that the tree has.")
    if not ((above >= 0) & (above <= tree.lengths[branch]) & (pendant >= 0)).all():
        raise InputError("bad_placement", "Place tips on the branch, with no negative length.")
    return branch, above, pendant
