"""A leaf: distances along the branches of a tree."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree


def depths(tree: Tree) -> NDArray[np.float64]:
    """Return the distance of every node from the root, shape (nodes,)."""
    depth = np.zeros(tree.n_nodes)
    for node in range(tree.root - 1, -1, -1):
        depth[node] = depth[tree.parents[node]] + tree.lengths[node]
    return depth


def tip_distances(tree: Tree) -> NDArray[np.float64]:
    """Return the path length between every two tips, shape (n, n); time and space O(nodes^2)."""
    nodes = tree.n_nodes
    paths = np.zeros((nodes, nodes))
    for node in range(tree.root - 1, -1, -1):
        # Everything with a higher number is placed already: all of it is reached by the parent.
        reach = paths[tree.parents[node], node + 1 :] + tree.lengths[node]
        paths[node, node + 1 :] = reach
        paths[node + 1 :, node] = reach
    return paths[: tree.n_tips, : tree.n_tips].copy()
