"""Where a new tip belongs in a standing tree, by weighted least squares, in O(nodes).

After APPLES (Balaban, Sarmashghi and Mirarab 2020, Systematic Biology 69:566) and APPLES-2
(Balaban et al. 2022, Molecular Ecology Resources 22:1213): the tree stays as it is, and every
branch is tried as the place from which the new tip hangs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.tree import NO_PARENT, Tree, assemble

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
    """A tree into which tips are placed, prepared once; immutable, so threads may share it.

    depth_first: (n,) all tips, those that are near each other in the tree after each other.
    """

    def __init__(self, tree: Tree) -> None:
        """Take a tree of two tips or more; InputError `too_few_tips`."""
        if tree.n_tips < 2:
            raise InputError("too_few_tips", "Give a tree of two tips or more to place into.")
        self.tree = tree
        order = [node for node in tree.postorder() if node < tree.n_tips]
        self.depth_first = np.array(order, dtype=np.int64)

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
    it and what is new have none (NaN). O(nodes).

    Raises InputError `bad_placement`.
    """
    if len(placements) != len(labels):
        raise InputError("bad_placement", "Give one name for each placement.")
    names: list[str | None] = [*tree.labels, *[None] * (tree.n_nodes - tree.n_tips)]
    parents, lengths = tree.parents.tolist(), tree.lengths.tolist()
    for joint, label in enumerate(labels):  # a joint on the branch, then the tip below it
        names += [None, label]
        parents += [NO_PARENT, tree.n_nodes + 2 * joint]
        lengths += [0.0, placements[joint].pendant]
    lower: dict[int, tuple[int, float]] = {}  # of a cut branch: its highest joint, and how high
    for index in sorted(range(len(placements)), key=lambda i: placements[i].above):
        placed = placements[index]
        _check_placement(tree, placed)
        joint = tree.n_nodes + 2 * index
        piece, height = lower.get(placed.branch, (placed.branch, 0.0))
        parents[joint], parents[piece] = parents[piece], joint
        lengths[piece] = placed.above - height
        lengths[joint] = float(tree.lengths[placed.branch]) - placed.above
        lower[placed.branch] = joint, placed.above
    support = None
    if tree.support is not None:
        support = tree.support.tolist() + [math.nan] * (2 * len(placements))
    return assemble(names, parents, lengths, support, tree.rooting)


def _check_placement(tree: Tree, placed: Placement) -> None:
    if not 0 <= placed.branch < tree.root:
        raise InputError("bad_placement", "Place tips on branches that the tree has.")
    if not 0 <= placed.above <= tree.lengths[placed.branch] or not placed.pendant >= 0:
        raise InputError("bad_placement", "Place tips on the branch, with no negative length.")
