"""Distances as angles; and what every measure of distance does, so that probes can be resampled.

A measure takes strands to columns, arrays with one row a model. Of two sets of models it gives
terms, one number a probe and pair, and it finishes weighted sums of terms to distances: terms
are made once, and each replicate of a bootstrap is one more row of weights.
"""

from collections.abc import Callable
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from app.dna.protocol import ResponseKind
from app.dna.scores import SCORES, Strands, rooted

F64 = NDArray[np.float64]
Floats = NDArray[np.floating]
Members = NDArray[np.int64]
Columns = tuple[Floats, ...]

# Of a sum of squares: what is left of the variance of a constant is rounding.
ROUNDING = 1e-12


class Measure(Interface):
    """How one kind of response is measured."""

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Prepare n models, strands (n, p, w); `members` (n,) are places in the cohort, or -1."""
        ...

    def terms(self, a: Columns, b: Columns) -> Floats:
        """What each probe says of n and of m models, (p, n, m)."""
        ...

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Distances (r, n, m) from the terms summed by weights (r, p)."""
        ...


def angle(scores: F64) -> F64:
    """arccos(score) / pi: the length of the arc between two directions, from 0 to 1.

    Of cosines and correlations it is a metric, and lengths add up along an arc, which is what
    neighbour joining asks for. The plain 1 - score is no metric.
    """
    arcs: F64 = np.arccos(scores.clip(-1.0, 1.0)) / np.pi
    return arcs


def products(a: Floats, b: Floats) -> Floats:
    """Products of rows, probe by probe: (n, p, w) and (m, p, w) to (p, n, m)."""
    found: Floats = np.matmul(a.transpose(1, 0, 2), b.transpose(1, 2, 0))
    return found


class CorrelationAngle:
    """Of log-probabilities: the angle of the correlation of surprises, see `app.dna.scores`.

    The correlation is exactly that of the resampled words; what the population expects of a
    model's words, and the clipping, stay as they are for all probes.
    """

    def __init__(self, centre: Strands) -> None:
        self._centre = centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Surprises of words, (n, p, w) float64, with their sums and squares by probe."""
        rows = SCORES["likelihood"].prepare(strands, self._centre).reshape(strands.shape)
        return rows, rows.sum(axis=2), (rows * rows).sum(axis=2)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Sums over the words of a probe of the products of two models' surprises."""
        return products(a[0], b[0])

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the correlations over all words, each weighted as its probe."""
        words = weights.sum(axis=1) * a[0].shape[2]
        mean_a, deviation_a = _moments(weights, words, a)
        mean_b, deviation_b = _moments(weights, words, b)
        common = sums / words[:, None, None] - mean_a[:, :, None] * mean_b[:, None]
        size = deviation_a[:, :, None] * deviation_b[:, None]
        return angle(np.divide(common, size, out=np.zeros_like(common), where=size > 0))


def _moments(weights: F64, words: F64, columns: Columns) -> tuple[F64, F64]:
    """Mean and standard deviation of the words of n models, (r, n) each."""
    mean = weights @ columns[1].T / words[:, None]
    square = weights @ columns[2].T / words[:, None]
    variance = square - mean * mean
    return mean, np.sqrt(np.where(variance > ROUNDING * square, variance, 0.0))


class RootAngle:
    """Of answers, where there is no population: the angle of the mean of rooted cosines.

    See `app.dna.scores` on the root.
    """

    def __init__(self, centre: Strands) -> None:
        self._centre = centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Directions, (n, p, w) float32."""
        return (SCORES["answer"].prepare(strands, self._centre),)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Rooted cosines, float32."""
        return rooted(products(a[0], b[0]).astype(np.float32, copy=False))

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the weighted means."""
        return angle(sums / weights.sum(axis=1)[:, None, None])


class CosineAngle:
    """Of vectors: the angle of the centred cosine. A vector is one probe: nothing to resample."""

    def __init__(self, centre: Strands) -> None:
        self._centre = centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Centred directions, (n, 1, w) float64."""
        return (SCORES["vector"].prepare(strands, self._centre).reshape(strands.shape),)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Cosines, float64."""
        return products(a[0], b[0])

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the cosines."""
        return angle(sums / weights.sum(axis=1)[:, None, None])


ANGLES: dict[ResponseKind, Callable[[Strands], Measure]] = {
    "likelihood": CorrelationAngle,
    "answer": RootAngle,
    "vector": CosineAngle,
}
