"""A leaf: vectors that grew along a random tree, and their distances, as DNA would have them."""

import numpy as np
from numpy.typing import NDArray

WIDTH = 128
DIGITS = 7  # of a distance: whole numbers of so many digits are exact in 32 bits, too
ROWS = 512

Floats = NDArray[np.float64]


def grown(n: int, seed: int, width: int = WIDTH) -> Floats:
    """Return the vectors of n tips, shape (n, width), by Brownian motion along a Yule tree.

    Until there are n, a tip drawn at random splits in two; branches have exponential lengths.
    """
    rng = np.random.default_rng(seed)
    tips = np.zeros((n, width))
    for count in range(1, n):
        chosen = int(rng.integers(count))
        steps = rng.normal(size=(2, width)) * np.sqrt(rng.exponential(size=(2, 1)))
        tips[count] = tips[chosen] + steps[1]
        tips[chosen] += steps[0]
    return tips


def distances(vectors: Floats) -> Floats:
    """Return the Euclidean distances, (n, n), in a unit that makes them whole numbers of 7 digits.

    Whole, so that a program that reads text and computes in 32 bits is given the same numbers.
    """
    n, squares = len(vectors), (vectors * vectors).sum(axis=1)
    unit = 2 * np.sqrt(squares.max()) / (10**DIGITS - 1)
    result = np.empty((n, n))
    for top in range(0, n, ROWS):
        rows = slice(top, min(top + ROWS, n))
        block = squares[rows, None] + squares[top:] - 2 * vectors[rows] @ vectors[top:].T
        block = np.rint(np.sqrt(np.maximum(block, 0)) / unit)
        result[rows, top:] = block
        result[top:, rows] = block.T
        own = np.triu(block[:, : len(block)], 1)
        result[rows, rows] = own + own.T
    return result
