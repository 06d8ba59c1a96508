"""A leaf: an order of the tips in which those below any node follow one another."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

I64 = NDArray[np.int64]


def spans(tree: Tree) -> tuple[I64, I64]:
    """Return (nodes, 2), the first place below each node and the one after its last; and places.

    The places (n,) are those of the tips, 0 to n - 1. Time O(nodes).
    """
    counts = np.zeros(tree.n_nodes, dtype=np.int64)
    counts[: tree.n_tips] = 1
    parents = tree.parents.tolist()
    for node, parent in enumerate(parents[:-1]):
        counts[parent] += counts[node]
    low, used = [0] * tree.n_nodes, [0] * tree.n_nodes
    for node in range(tree.root - 1, -1, -1):
        parent = parents[node]
        low[node] = low[parent] + used[parent]
        used[parent] += int(counts[node])
    first = np.array(low, dtype=np.int64)
    return np.stack([first, first + counts], axis=1), first[: tree.n_tips]
