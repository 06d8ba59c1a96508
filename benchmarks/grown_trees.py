"""A leaf: random genealogies, and what a random walk along them leaves at their tips."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import NO_PARENT, Tree

LENGTH = 0.05  # mean branch
NEAR_COPIES = 0.3  # of all tips; their own branch is a tenth as long


def grown_tree(n: int, seed: int, width: int) -> tuple[Tree, NDArray[np.float32]]:
    """Return a Yule tree of n tips and vectors (n, width) that grew along it by Brownian motion.

    Until there are n, a tip drawn at random splits in two; branches have exponential lengths.
    The mean squared difference of two vectors is on average the path between their tips.
    """
    rng = np.random.default_rng(seed)
    parents, tips = [NO_PARENT], [0]
    while len(tips) < n:
        chosen = int(rng.integers(len(tips)))
        parents += [tips[chosen]] * 2
        tips[chosen] = len(parents) - 2
        tips.append(len(parents) - 1)
    lengths = rng.exponential(LENGTH, len(parents))
    near = np.array(tips)[rng.random(n) < NEAR_COPIES]
    lengths[near] /= 10
    lengths[0] = 0
    tree, numbers = _numbered(parents, lengths, tips)
    vectors = np.empty((len(parents), width), dtype=np.float32)
    vectors[0] = 0
    for node, parent in enumerate(parents[1:], 1):
        step = rng.standard_normal(width, dtype=np.float32)
        vectors[node] = vectors[parent] + step * np.float32(np.sqrt(lengths[node]))
    return tree, vectors[numbers]


def squared(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean squared differences of vectors (n, d) and (m, d), shape (n, m)."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    squares = (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1) - 2 * a @ b.T
    found: NDArray[np.float64] = np.maximum(squares, 0) / a.shape[1]
    return found


def _numbered(
    parents: list[int], lengths: NDArray[np.float64], tips: list[int]
) -> tuple[Tree, NDArray[np.int64]]:
    """The tree, whose nodes were numbered from the root down; which of them each tip was."""
    nodes = len(parents)
    inner = np.setdiff1d(np.arange(nodes), tips)[::-1]
    order = np.concatenate((tips, inner))
    numbers = np.empty(nodes, dtype=np.int64)
    numbers[order] = np.arange(nodes)
    above = np.append(numbers[np.array(parents)[order[:-1]]], NO_PARENT)
    labels = tuple(f"t{tip}" for tip in range(len(tips)))
    return Tree(labels, above, lengths[order]), np.array(tips)
