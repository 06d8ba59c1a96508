"""A leaf: what each probe says of how far two models are apart, so that probes can be resampled.

A measure takes strands to columns, arrays with one row a model; of two sets of models it gives
terms, one number a probe and pair, and finishes weighted sums of terms to distances. A bootstrap
makes the terms once and then only sums.
"""

from collections.abc import Callable
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from app.dna.population import Population
from app.dna.scores import SCORES, Strands, rooted

F64 = NDArray[np.float64]
Floats = NDArray[np.floating]
Members = NDArray[np.int64]
Columns = tuple[Floats, ...]


class Measure(Interface):
    """How one kind of response is measured."""

    kind: str

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Prepare n models, strands (n, p, w); `members` (n,) are places in the cohort, or -1."""
        ...

    def terms(self, a: Columns, b: Columns) -> Floats:
        """What each probe says of n and of m models, (p, n, m)."""
        ...

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Distances (r, n, m) from the terms summed by weights (r, p)."""
        ...


def measure(population: Population) -> Measure:
    """The measure of the population's kind of response."""
    return MEASURES[population.protocol.response](population)


def angle(scores: F64) -> F64:
    """arccos(score) / pi: the length of the arc between two directions, from 0 to 1.

    Of cosines and correlations it is a metric, and lengths add up along an arc.
    """
    arcs: F64 = np.arccos(scores.clip(-1.0, 1.0)) / np.pi
    return arcs


class Correlation:
    """Of log-probabilities: the angle of the correlation of surprises, see `app.dna.scores`.

    What the population expects of a model's words, and the clipping, stay as they are where
    probes are resampled; the correlation itself is exactly that of the resampled words.
    """

    kind = "angular"

    def __init__(self, population: Population) -> None:
        self._centre = population.centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Surprises of words (n, p, w), with their sums and squares by probe."""
        rows = SCORES["likelihood"].prepare(strands, self._centre).reshape(strands.shape)
        return rows, rows.sum(axis=2), (rows * rows).sum(axis=2)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Sums over the words of a probe of the products of surprises."""
        return _products(a[0], b[0])

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the correlations over all words, weighted as their probes."""
        words = weights.sum(axis=1) * a[0].shape[2]
        (mean_a, spread_a), (mean_b, spread_b) = (_moments(weights, words, one) for one in (a, b))
        common = sums / words[:, None, None] - mean_a[:, :, None] * mean_b[:, None]
        size = spread_a[:, :, None] * spread_b[:, None]
        return angle(np.divide(common, size, out=np.zeros_like(common), where=size > 0))


def _moments(weights: F64, words: F64, columns: Columns) -> tuple[F64, F64]:
    """Mean and standard deviation of the words of n models, (r, n) each."""
    mean = weights @ columns[1].T / words[:, None]
    square = weights @ columns[2].T / words[:, None]
    variance = square - mean * mean
    # What is left of a model without any spread is rounding.
    return mean, np.sqrt(np.where(variance > 1e-12 * square, variance, 0.0))


class RootedCosine:
    """Of answers: the angle of the mean over probes of rooted cosines, see `app.dna.scores`."""

    kind = "angular"

    def __init__(self, population: Population) -> None:
        self._centre = population.centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Centred directions, (n, p, w) float32."""
        return (SCORES["answer"].prepare(strands, self._centre),)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Rooted cosines of one probe."""
        cosines: Floats = rooted(_products(a[0], b[0]).astype(np.float32, copy=False))
        return cosines

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the weighted means."""
        return angle(sums / weights.sum(axis=1)[:, None, None])


class Cosine:
    """Of vectors: the angle of the centred cosine. A vector is one probe: nothing to resample."""

    kind = "angular"

    def __init__(self, population: Population) -> None:
        self._centre = population.centre

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Centred directions, (n, 1, w)."""
        return (SCORES["vector"].prepare(strands, self._centre).reshape(strands.shape),)

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Cosines."""
        return _products(a[0], b[0])

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Angles of the cosines."""
        return angle(sums / weights.sum(axis=1)[:, None, None])


def _products(a: Floats, b: Floats) -> Floats:
    """(n, p, w) and (m, p, w) to (p, n, m)."""
    products: Floats = np.matmul(a.transpose(1, 0, 2), b.transpose(1, 2, 0))
    return products


MEASURES: dict[str, Callable[[Population], Measure]] = {
    "likelihood": Correlation,
    "answer": RootedCosine,
    "vector": Cosine,
}
