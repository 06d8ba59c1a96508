"""One pass over a matrix of distances: it becomes exactly symmetric, and what is wrong is told."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

TILE = 64  # rows and columns at a time: a tile and its mirror image fit the fastest cache


@compiled
def even(work: NDArray[np.float64]) -> tuple[bool, float, float, float]:
    """Set each pair of numbers to its mean, and the diagonal to zero, in place.

    work: (n, n) contiguous. Returns whether all numbers were finite and not negative, the
    largest of them, the largest difference within a pair, and the largest on the diagonal; once
    a number is neither, the rest is not looked at. Nothing that is symmetric is written.
    """
    n = len(work)
    greatest, apart, own = 0.0, 0.0, 0.0
    for i in range(n):
        if not 0 <= work[i, i] < np.inf:
            return False, greatest, apart, own
        own = max(own, work[i, i])
        work[i, i] = 0.0
    for top in range(0, n, TILE):
        for left in range(top, n, TILE):
            fine, most, difference = _even_tiles(work, top, left)
            greatest, apart = max(greatest, most), max(apart, difference)
            if not fine:
                return False, greatest, apart, own
    return True, greatest, apart, own


@compiled
def _even_tiles(work: NDArray[np.float64], top: int, left: int) -> tuple[bool, float, float]:
    """Do the same to a tile and its mirror image."""
    n = len(work)
    greatest, apart, fine = 0.0, 0.0, True
    for i in range(top, min(top + TILE, n)):
        for j in range(max(left, i + 1), min(left + TILE, n)):
            one, other = work[i, j], work[j, i]
            fine &= (0 <= one < np.inf) and (0 <= other < np.inf)
            greatest = max(greatest, one, other)
            if one != other:
                apart = max(apart, abs(one - other))
                work[i, j] = work[j, i] = one / 2 + other / 2
    return fine, greatest, apart
