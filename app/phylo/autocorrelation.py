"""Whether near tips of a tree have like numbers: Abouheif's C, which is a Moran's I.

Abouheif (1999); as Moran's I over a proximity of tips: Pavoine, Ollier, Pontier and Chessel (2008).
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

F64 = NDArray[np.float64]


def autocorrelation(tree: Tree, values: F64) -> F64:
    """Return C, at most 1, for each row of `values`, (rows, tips); a row may not be constant.

    C = x A x / x x with x less its mean. The proximity A of two tips is one over the product of
    the numbers of children of all nodes between them; of a tip with itself, of all nodes up to
    the root. Branch lengths play no part. Time O(nodes * rows): x A x is summed node by node.
    """
    x = values - values.mean(axis=1, keepdims=True)
    children = np.bincount(tree.parents[:-1], minlength=tree.n_nodes)
    # From the root down: one over the numbers of children of all nodes above.
    above = np.ones(tree.n_nodes)
    for node in range(tree.root - 1, -1, -1):
        parent = tree.parents[node]
        above[node] = above[parent] / children[parent]
    total = (x**2) @ above[: tree.n_tips]
    sums = np.zeros((tree.n_nodes, len(x)))
    squares = np.zeros((tree.n_nodes, len(x)))
    sums[: tree.n_tips] = x.T
    for node, parent in enumerate(tree.parents.tolist()):
        if node >= tree.n_tips:
            total += (sums[node] ** 2 - squares[node]) / children[node]
            sums[node] /= children[node]
        if parent >= 0:
            sums[parent] += sums[node]
            squares[parent] += sums[node] ** 2
    result: F64 = total / (x**2).sum(axis=1)
    return result
