"""A leaf: distances are checked and made exactly symmetric, without a second matrix."""

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError

ROUNDING = 1e-9  # of the largest distance; more asymmetry than this is a fault, not rounding


def checked(
    distances: NDArray[np.float64], n: int, *, overwrite: bool = False
) -> NDArray[np.float64]:
    """Return the distances of n tips, (n, n) float64, symmetric to the last bit, diagonal zero.

    Two numbers of a pair that differ by rounding become their mean. The result is a copy; with
    `overwrite` it is the matrix itself where that is contiguous, writable float64, so that n
    tips take 8 n^2 bytes and no more. Time O(n^2), one pass.

    Raises InputError `bad_distances`: not one row and column for each tip, not finite,
    negative, too large to be added up, not symmetric, or a diagonal that is not zero.
    """
    matrix = np.asarray(distances)
    if n == 0 or matrix.shape != (n, n):
        raise InputError(
            "bad_distances", f"Give one row and one column for each of {n} tips, at least one."
        )
    work = _own(matrix, overwrite)
    from app.phylo.kernels.evening import even

    fine, largest, apart, own = even(work)
    if not fine:
        raise InputError("bad_distances", "Give distances that are finite and not negative.")
    if largest > np.finfo(np.float64).max / (4 * n):
        raise InputError("bad_distances", "Give distances in a larger unit: sums overflow.")
    slack = ROUNDING * max(largest, own)
    if own > slack:
        raise InputError("bad_distances", "Give every tip a distance of zero to itself.")
    if apart > slack:
        raise InputError("bad_distances", "Give a symmetric matrix: d(a, b) equal to d(b, a).")
    return work


def _own(matrix: NDArray[np.generic], overwrite: bool) -> NDArray[np.float64]:
    """The matrix itself where that is allowed and can be, a copy otherwise."""
    if matrix.dtype.kind not in "fiu":
        raise InputError("bad_distances", "Give distances as real numbers.")
    fits = matrix.dtype == np.float64 and matrix.flags.c_contiguous and matrix.flags.writeable
    if overwrite and fits:
        return matrix.view(np.float64)
    return np.array(matrix, dtype=np.float64, order="C")
