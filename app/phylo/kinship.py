"""Whether what a branch holds together are relatives, and not only alike.

Models that learned the same texts with the same architecture lie beside one another in every
replicate, and so do the last two strangers of a tree: resampling probes cannot tell. The null of
unrelated pairs can, look-alikes among them.
"""

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.spans import spans
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

# Odds of relatives are 1 : this x p. Chosen on nurseries; see docs/trees.md.
ODDS = 30.0
# Smaller p-values add nothing to a certainty of 1 - 1e-4, and would drown the others in a sum.
LEAST_P = 1e-6


def kinship(tree: Tree, p_values: F64) -> F64:
    """Return how likely it is that the branch above each node holds relatives together.

    (nodes,) in [0, 1], NaN where a branch splits off one tip or none. `p_values` (n, n), in the
    order of the tips, say how often unrelated models stand as high as each pair; the diagonal is
    not read. A branch ends in two nodes. At either, take the pairs of tips on that side of the
    branch that are joined there: the harmonic mean of their p-values (Wilson 2019, PNAS
    116:1195, which stands dependence) says whether the parts that meet are relatives. Kinship is
    1 / (1 + ODDS p) of the lower p of the two, so the root of the tree does not matter.
    Time and space O(n^2).

    Raises InputError `bad_p_values`.
    """
    inverse = _checked(p_values, tree.n_tips)
    sides, places = spans(tree)
    inside, outside = _pairs(inverse, sides, places)
    ends = np.array([_met_below(tree, inside), _met_above(tree, inside, outside)])
    met, sums = ends[:, 0], np.maximum(ends[:, 1], ends[:, 0])
    p = np.divide(met, sums, out=np.ones_like(met), where=met > 0).min(axis=0)
    sizes = sides[:, 1] - sides[:, 0]
    informative = np.minimum(sizes, tree.n_tips - sizes) >= 2
    return np.where(informative, 1 / (1 + ODDS * p), np.nan)


def _checked(p_values: F64, n: int) -> F64:
    """One over each p-value, zero on the diagonal."""
    values = np.array(p_values, dtype=np.float64)
    if values.shape != (n, n):
        raise InputError("bad_p_values", f"Give a p-value for each pair of {n} tips.")
    np.fill_diagonal(values, 1.0)
    if not ((values > 0) & (values <= 1)).all():
        raise InputError(
            "bad_p_values", "Give p-values above 0 and up to 1, or none where there is no null."
        )
    inverse: F64 = 1 / np.maximum(values, LEAST_P)
    np.fill_diagonal(inverse, 0.0)
    return inverse


def _pairs(inverse: F64, sides: I64, places: I64) -> tuple[F64, F64]:
    """Pairs among the tips below each node, and among the others: their number, their sum."""
    n = len(inverse)
    order = np.argsort(places)
    corner = np.zeros((n + 1, n + 1))  # sums of all that is above and left
    corner[1:, 1:] = inverse[order][:, order].cumsum(axis=0).cumsum(axis=1)
    low, high = sides.T
    square = corner[high, high] - corner[low, high] - corner[high, low] + corner[low, low]
    rows = corner[high, n] - corner[low, n]
    size = (high - low).astype(np.float64)
    inside = np.array([size * (size - 1) / 2, square / 2])
    rest = n - size
    outside = np.array([rest * (rest - 1) / 2, (corner[n, n] - 2 * rows + square) / 2])
    return inside, outside


def _met_below(tree: Tree, inside: F64) -> F64:
    """Of the pairs below each node those that no child holds: (2, nodes)."""
    return inside - _of_children(tree, inside)


def _met_above(tree: Tree, inside: F64, outside: F64) -> F64:
    """Of the pairs beside each branch those that are joined where it ends above: (2, nodes)."""
    parents = tree.parents[:-1]
    siblings = _of_children(tree, inside)[:, parents] - inside[:, :-1]
    met = np.zeros_like(inside)
    met[:, :-1] = outside[:, :-1] - siblings - outside[:, parents]
    ends = np.flatnonzero(parents == tree.root)
    if len(ends) == 2:  # one branch on either side of the root: it ends where its other half does
        met[:, ends] = _met_below(tree, inside)[:, ends[::-1]]
    return met


def _of_children(tree: Tree, values: F64) -> F64:
    """Sum the values of each node's children: (2, nodes)."""
    sums = np.zeros_like(values)
    for row, given in zip(sums, values, strict=True):
        np.add.at(row, tree.parents[:-1], given[:-1])
    return sums
