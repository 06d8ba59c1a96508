"""A leaf: sums over the tips on either side of every branch, as functions of where the root is.

Put the root at the point `x` above node v on its branch. A tip below v is then as far from it as
from v, plus x; any other tip as far as from v, minus x. So sums of root-to-tip distances are
lines in x, and sums of their squares parabolas, for all branches after one walk up and one down.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TipSums:
    """Of every node v and the tips with a weight of one: `n` in all, `below` (nodes,) under it.

    near: (nodes,) sum of the distances from v to the tips below it; far: the same to all tips;
    squares: (nodes,) sum of the squares of the latter.
    times_below: (nodes, k) sum of each column of times over the tips below v; times_far:
    (nodes, k) sum of time x distance over all tips. Columns of times have a mean of zero.
    """

    n: int
    below: F64
    near: F64
    far: F64
    squares: F64
    times_below: F64
    times_far: F64


def tip_sums(tree: Tree, taken: NDArray[np.bool_], times: F64) -> TipSums:
    """Sum over the tips that are `taken`, (tips,); `times` is (tips, k), k may be 0.

    What is not taken counts nothing. Time and space O(nodes * k).
    """
    nodes, k = tree.n_nodes, times.shape[1]
    below, near, squares = np.zeros(nodes), np.zeros(nodes), np.zeros(nodes)
    times_below, times_near = np.zeros((nodes, k)), np.zeros((nodes, k))
    below[: tree.n_tips] = taken
    times_below[: tree.n_tips] = np.where(taken[:, None], times, 0.0)
    parents, lengths = tree.parents.tolist(), tree.lengths.tolist()
    for node in range(tree.root):
        parent, length = parents[node], lengths[node]
        reach = near[node] + length * below[node]
        squares[parent] += squares[node] + length * (near[node] + reach)
        near[parent] += reach
        below[parent] += below[node]
        times_below[parent] += times_below[node]
        times_near[parent] += times_near[node] + length * times_below[node]
    far, times_far = near.copy(), times_near
    n = float(below[-1])
    for node in range(tree.root - 1, -1, -1):
        parent, length = parents[node], lengths[node]
        # Going down the branch, tips below come nearer and all others go further away.
        inside = near[node] + length * below[node]
        squares[node] = squares[parent] + length * (n * length + 2 * (far[parent] - 2 * inside))
        far[node] = far[parent] + length * (n - 2 * below[node])
        times_far[node] = times_far[parent] + length * (times_below[-1] - 2 * times_below[node])
    return TipSums(int(n), below, near, far, squares, times_below, times_far)


def spread(sums: TipSums) -> tuple[F64, F64, F64]:
    """Coefficients (a, b, c) by node: the n-fold variance of root-to-tip distances at x.

    It is a x^2 + b x + c at the point x above the node; a >= 0.
    """
    n, tilt = sums.n, 2 * sums.below - sums.n
    squared = n - tilt**2 / n
    linear = 2 * (2 * sums.near - sums.far - sums.far * tilt / n)
    constant = np.maximum(sums.squares - sums.far**2 / n, 0.0)
    return squared, linear, constant
