"""Cophenetic correlation: whether two trees, or a tree and its matrix, agree on who is far.

Sokal and Rohlf (1962) took the height at which two tips meet; for trees with lengths that is the
length of the path between them.
"""

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.paths import tip_distances
from app.phylo.tree import Tree

F64 = NDArray[np.float64]


def cophenetic_correlation(a: Tree, b: Tree) -> float:
    """Return the correlation of the path lengths of two trees over the same tips, numbered alike.

    Time and space O(n^2). Raises InputError `no_variation` where all paths of a tree are as long.
    """
    if a.n_tips != b.n_tips:
        raise InputError("different_tips", "Compare trees over the same tips.")
    return _correlation(tip_distances(a), tip_distances(b))


def cophenetic_fit(tree: Tree, distances: F64) -> float:
    """Return the correlation of the path lengths of a tree and the distances that it is made of.

    distances: (n, n), in the order of the tree's tips. 1 for a matrix that is a tree. Raises
    InputError `no_variation`, or `different_tips` for a matrix of another size.
    """
    if distances.shape != (tree.n_tips, tree.n_tips):
        raise InputError("different_tips", "Give the distances of the tree's own tips.")
    return _correlation(tip_distances(tree), distances)


def _correlation(first: F64, second: F64) -> float:
    pairs = np.triu_indices(len(first), 1)
    columns = [matrix[pairs] for matrix in (first, second)]
    if any(np.ptp(column) <= 1e-12 * np.abs(column).max(initial=0) for column in columns):
        raise InputError(
            "no_variation", "All tips of a tree are equally far apart: there is nothing to compare."
        )
    return float(np.corrcoef(columns[0], columns[1])[0, 1])
