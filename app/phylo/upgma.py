"""UPGMA (Sokal and Michener 1958): the tree of a steady clock, by scipy's average linkage."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.phylo.checked import checked
from app.phylo.tree import NO_PARENT, Tree


def upgma(distances: NDArray[np.float64], labels: Sequence[str]) -> Tree:
    """Return the rooted UPGMA tree of n tips, all as far from the root; labels may repeat.

    `distances` is (n, n): symmetric, finite, not negative, zero diagonal. A join stands at half
    the mean distance between the tips of its two sides. Exact for ultrametric distances. Where
    rates differ between branches it groups the slow ones together, whatever they descend from:
    use neighbour joining then. Which of the pairs that tie is joined first is scipy's choice.
    Time O(n^2), space 20 n^2 bytes.

    Raises InputError `bad_distances`.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    n = len(labels)
    work = checked(distances, n)
    parents, heights = np.full(2 * n - 1, NO_PARENT, dtype=np.int64), np.zeros(2 * n - 1)
    if n > 1:
        joins = linkage(squareform(work, checks=False), method="average")
        parents[joins[:, :2].astype(np.int64)] = np.arange(n, 2 * n - 1)[:, None]
        heights[n:] = joins[:, 2] / 2
    lengths = np.append(heights[parents[:-1]] - heights[:-1], 0.0)
    # Rounding may put a join below the one before it.
    return Tree(tuple(labels), parents, np.maximum(lengths, 0.0), rooting="upgma")
