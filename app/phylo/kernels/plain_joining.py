"""Neighbour joining for many small trees: the plain search, whose shape alone is of interest."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@compiled
def joined_parents(work: F64) -> I64:
    """Return the parents of the neighbour-joining tree of n tips, as `Tree` numbers them.

    `work` (n, n), symmetric with a zero diagonal, is used up. Time O(n^3), which for up to some
    hundred tips is less than any cleverer search takes. Of pairs that tie, one is joined.
    """
    n = len(work)
    parents = np.full(max(2 * n - 2, 1 if n == 1 else 3), -1)
    rows = np.arange(n)
    sums = work.sum(axis=1)
    for node in range(n, 2 * n - 3):
        left = 2 * n - node
        i, j = _nearest(work, sums, left)
        parents[rows[i]] = parents[rows[j]] = node
        rows[i] = node
        _merge(work, sums, i, j, left)
        rows[j] = rows[left - 1]
    if n > 1:
        parents[rows[: min(n, 3)]] = len(parents) - 1
    return parents


@compiled
def _nearest(work: F64, sums: F64, left: int) -> tuple[int, int]:
    """The pair of rows i < j that is joined next."""
    best, first, second = np.inf, 0, 1
    for j in range(1, left):
        for i in range(j):
            apart = (left - 2) * work[j, i] - sums[i] - sums[j]
            if apart < best:
                best, first, second = apart, i, j
    return first, second


@compiled
def _merge(work: F64, sums: F64, i: int, j: int, left: int) -> None:
    """Put the join of rows i and j into row i, and the last row into row j."""
    apart, last, total = work[i, j], left - 1, 0.0
    for k in range(left):
        if k != i and k != j:
            merged = (work[i, k] + work[j, k] - apart) / 2
            sums[k] += merged - work[i, k] - work[j, k]
            work[i, k] = work[k, i] = merged
            total += merged
    sums[i], sums[j] = total, sums[last]
    for k in range(last):
        work[j, k] = work[k, j] = work[last, k]
    work[j, j] = 0.0
