"""Which branches cut a tree into parts of at most so many tips."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@compiled
def cut_branches(
    parents: I64, lengths: F64, n_tips: int, most: int, share: float
) -> NDArray[np.bool_]:
    """Return (nodes,) whether the branch above each node is cut: see `app.phylo.regions.regions`.

    Each round cuts every part that is too large, so rounds are few.
    """
    cut = np.zeros(len(parents), np.bool_)
    while True:
        size = _sizes(parents, cut, n_tips)
        best = _best_cuts(parents, lengths, size, cut, most, share)
        if not (best >= 0).any():
            return cut
        for node in best[best >= 0]:
            cut[node] = True


@compiled
def _sizes(parents: I64, cut: NDArray[np.bool_], n_tips: int) -> I64:
    """How many tips each node has below it within its part."""
    size = np.zeros(len(parents), np.int64)
    size[:n_tips] = 1
    for node in range(len(parents) - 1):
        if not cut[node]:
            size[parents[node]] += size[node]
    return size


@compiled
def _best_cuts(
    parents: I64, lengths: F64, size: I64, cut: NDArray[np.bool_], most: int, share: float
) -> I64:
    """For the top node of each part that is too large the branch to cut, else -1."""
    nodes = len(parents)
    top, best, value = np.arange(nodes), np.full(nodes, -1), np.full(nodes, -np.inf)
    for node in range(nodes - 2, -1, -1):
        if cut[node]:
            continue
        part = top[node] = top[parents[node]]
        less = min(size[node], size[part] - size[node])
        if size[part] > most and less > 1:
            # Any branch that leaves both sides enough is better than all that do not.
            enough = less >= share * size[part]
            worth = lengths[node] if enough else less / size[part] - 1.0
            if worth > value[part]:
                best[part], value[part] = node, worth
    return best
