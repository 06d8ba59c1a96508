"""A leaf: from cosines of pairs to logarithms of their ranks, compiled."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

F32 = NDArray[np.float32]


@compiled
def replace_by_log_ranks(cosines: F32, a: F32, b: F32, values: F32) -> None:
    """Replace cosines (p, n, m) by log-ranks: the mean of what both models see in them.

    `a` (p, n, k) and `b` (p, m, k) are the rising cosines at which each model's log-rank on each
    probe is `values` (k,); it is interpolated between them and constant beyond. Time
    O(p n m log k).
    """
    probes, rows, columns = cosines.shape
    for probe in range(probes):
        for i in range(rows):
            for j in range(columns):
                cosine = cosines[probe, i, j]
                from_a = _log_rank(cosine, a[probe, i], values)
                from_b = _log_rank(cosine, b[probe, j], values)
                cosines[probe, i, j] = (from_a + from_b) / np.float32(2)


@compiled
def _log_rank(cosine: np.float32, knots: F32, values: F32) -> np.float32:
    low, high = 0, len(knots) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if knots[middle] < cosine:
            low = middle
        else:
            high = middle
    share = (cosine - knots[low]) / (knots[high] - knots[low])
    within = min(max(share, np.float32(0)), np.float32(1))
    found: np.float32 = values[low] + within * (values[high] - values[low])
    return found
