"""A leaf: from scores of pairs to distances that a tree can be built from."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError

ROUNDING = 1e-6  # scores come from float16 and float32 strands


def _angular(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.arccos(scores) / np.pi
    return result


def _chord(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.sqrt((1 - scores) / 2)
    return result


KINDS: dict[str, Callable[[NDArray[np.float64]], NDArray[np.float64]]] = {
    "angular": _angular,
    "chord": _chord,
}


def from_scores(scores: NDArray[np.float64], kind: str = "angular") -> NDArray[np.float64]:
    """Turn cosines or correlations, (n, n) in [-1, 1], into distances, (n, n) in [0, 1].

    The result is symmetric with a zero diagonal; the diagonal of `scores` is not read.
    "angular" is arccos(score) / pi, the length of the arc between two directions. For centred
    cosines and correlations it is a metric, and lengths add up along an arc, which is what
    neighbour joining asks for. "chord" is sqrt((1 - score) / 2), the straight line: a metric
    too, but going straight on in one direction it falls short of the sum. The plain 1 - score
    is no metric. For scores that are not cosines neither is promised to be one.

    Raises InputError `bad_scores`.
    """
    matrix = np.asarray(scores, dtype=np.float64)
    if kind not in KINDS:
        raise InputError("bad_scores", f"Choose a distance of {', '.join(KINDS)}, not {kind!r}.")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError("bad_scores", "Give a square matrix of scores.")
    even = matrix.copy()
    np.fill_diagonal(even, 1.0)
    if not np.isfinite(even).all() or (np.abs(even) > 1 + ROUNDING).any():
        raise InputError("bad_scores", "Give scores that are finite and between -1 and 1.")
    if (np.abs(even - even.T) > ROUNDING).any():
        raise InputError("bad_scores", "Give a symmetric matrix: s(a, b) equal to s(b, a).")
    return KINDS[kind](np.clip((even + even.T) / 2, -1.0, 1.0))
