"""The fewest changes of a trait on a tree (Fitch 1971; Hartigan 1973 where nodes have more than
two children).
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

I64 = NDArray[np.int64]
MOST_CELLS = 1_000_000  # numbers held for one node: rows are taken in blocks


def fewest_changes(tree: Tree, states: I64) -> I64:
    """Return for each row of `states`, (rows, tips) of 0 ... k - 1, the fewest changes, (rows,).

    Where the root is does not matter. Time O(nodes * rows * k).
    """
    k = int(states.max()) + 1
    block = max(1, MOST_CELLS // k)
    blocks = [
        _in_block(tree, states[start : start + block], k) for start in range(0, len(states), block)
    ]
    return np.concatenate(blocks)


def _in_block(tree: Tree, states: I64, k: int) -> I64:
    rows = np.arange(len(states))
    changes = np.zeros(len(states), dtype=np.int64)
    children = np.bincount(tree.parents[:-1], minlength=tree.n_nodes)
    # Of each open node: for how many of its children each state is among the best.
    tally: dict[int, NDArray[np.int32]] = {}
    for node, parent in enumerate(tree.parents.tolist()):
        if node < tree.n_tips:
            if parent >= 0:
                tally.setdefault(parent, np.zeros((len(rows), k), np.int32))
                tally[parent][rows, states[:, node]] += 1
            continue
        counts = tally.pop(node)
        most = counts.max(axis=1)
        changes += children[node] - most
        if parent >= 0:
            tally.setdefault(parent, np.zeros((len(rows), k), np.int32))
            tally[parent] += counts == most[:, None]
    return changes
