"""Neighbour joining (Saitou and Nei 1987; Studier and Keppler 1988) in numpy, exact.

scikit-bio is not used here but judges this file in the tests: importing it takes seconds and
loads torch wherever torch is installed, and the web process must stay free of both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.tree import NO_PARENT, Tree

ROUNDING = 1e-9  # of the largest distance; more asymmetry than this is a fault, not rounding
BLOCK = 128  # rows searched at a time: few enough that the differences stay in the cache


def neighbour_joining(distances: NDArray[np.float64], labels: Sequence[str]) -> Tree:
    """Return the unrooted neighbour-joining tree of n tips; tip i is row i, labels may repeat.

    `distances` is (n, n) float64: symmetric, finite, not negative, zero diagonal. Time O(n^3),
    space O(n^2). Returns every additive tree exactly; where distances are not additive the
    least-squares branch lengths may fall below zero, and those are set to zero without moving
    the difference to a neighbour (scikit-bio does the same), so path lengths are then too long.
    Of pairs that tie, the one with the lowest rows is joined: only then does the order of the
    rows matter. The root is the last join (three branches; two for n = 2).

    Raises InputError `bad_distances`.
    """
    work = _checked(distances, len(labels))
    n = len(labels)
    parents = np.full({1: 1, 2: 3}.get(n, 2 * n - 2), NO_PARENT, dtype=np.int64)
    lengths = np.zeros(len(parents))
    rows = np.arange(n)  # the node that each remaining row of the matrix stands for
    for node in range(n, 2 * n - 3):
        left = 2 * n - node
        _join(work[:left, :left], rows, node, (parents, lengths))
    last = min(n, 3)
    parents[rows[:last]] = len(parents) - 1 if n > 1 else NO_PARENT
    lengths[rows[:last]] = _star(work[:last, :last])
    return Tree(tuple(labels), parents, np.maximum(lengths, 0.0), rooting="unrooted")


def _join(
    work: NDArray[np.float64],
    rows: NDArray[np.int64],
    node: int,
    tree: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> None:
    """Join the best pair (i, j) into `node`: it takes row i, and the last row moves to row j."""
    parents, lengths = tree
    last = len(work) - 1
    divergence = work.sum(axis=1) / (last - 1)
    i, j = _best_pair(work, divergence)
    apart = work[i, j]
    first = (apart + divergence[i] - divergence[j]) / 2
    lengths[rows[i]], lengths[rows[j]] = first, apart - first
    parents[rows[i]] = parents[rows[j]] = node
    merged = (work[i] + work[j] - apart) / 2
    work[i] = work[:, i] = merged
    work[j] = work[last]
    work[:, j] = work[:, last]
    rows[i], rows[j] = node, rows[last]


def _best_pair(work: NDArray[np.float64], divergence: NDArray[np.float64]) -> tuple[int, int]:
    """Find the pair i < j with the least d(i, j) - u(i) - u(j)."""
    best = (np.inf, 0, 0)
    for top in range(0, len(work), BLOCK):
        block = work[top : top + BLOCK, top:] - divergence[top:]
        np.fill_diagonal(block, np.inf)
        least = block.min(axis=1) - divergence[top : top + BLOCK]
        i = int(least.argmin())
        if least[i] < best[0]:
            best = (least[i], top + i, top + int(block[i].argmin()))
    return min(best[1:]), max(best[1:])


def _star(work: NDArray[np.float64]) -> NDArray[np.float64]:
    """Branch lengths of the last one, two or three rows around their root."""
    around: NDArray[np.float64] = work.sum(axis=1)
    if len(work) == 3:
        around -= [work[1, 2], work[0, 2], work[0, 1]]
    return around / 2


def _checked(distances: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return a copy that is symmetric to the last bit, or say what is wrong."""
    matrix = np.asarray(distances, dtype=np.float64)
    if n == 0 or matrix.shape != (n, n):
        raise InputError(
            "bad_distances", f"Give one row and one column for each of {n} tips, at least one."
        )
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise InputError("bad_distances", "Give distances that are finite and not negative.")
    slack = ROUNDING * matrix.max()
    if np.abs(matrix.diagonal()).max() > slack:
        raise InputError("bad_distances", "Give every tip a distance of zero to itself.")
    if np.abs(matrix - matrix.T).max() > slack:
        raise InputError("bad_distances", "Give a symmetric matrix: d(a, b) equal to d(b, a).")
    even: NDArray[np.float64] = (matrix + matrix.T) / 2
    np.fill_diagonal(even, 0.0)
    return even
