"""Standings among models that answer alike for other reasons than descent.

Chat models answer like chat models, terse ones like terse ones: what a population has in common
in groups says nothing of ancestry. So a pair's score is compared with what the scores of either
model with a cohort of the population let one expect: (1) each model's own level is subtracted,
(2) a ridge regression on the cohort predicts the rest (the residual covariance of a Gaussian
process given the cohort, Rasmussen & Williams 2006, eq. 2.24), (3) what is left is standardised
as seen from either model (symmetric score normalisation, as for speakers: Shum et al. 2010).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from app.dna.scores import Prepared, Score, Strands

F64 = npt.NDArray[np.float64]
Members = npt.NDArray[np.int64]

# Medians of absolute deviations in one standard deviation of a normal distribution.
MAD = 1.4826
# A relative in the cohort must not explain a model away: in deviations of the cohort's scores.
MOST_EXPLAINED = 5.0
# What stands so far above the others is taken for a relative and tells nothing of strangers.
FAR = 3.0
ROUNDS = 4


@dataclass(frozen=True, eq=False)
class Placed:
    """What the cohort says of n models: all that is needed to compare them with others.

    `rows` are prepared for the score; `level` (n,) is the median score with the cohort,
    `residual` (n, m) the scores with it less what levels let one expect, bounded, `mean` and
    `deviation` (n,) those of what is left with strangers when the cohort has explained its part.
    """

    rows: Prepared
    level: F64
    residual: F64
    mean: F64
    deviation: F64

    def __len__(self) -> int:
        return len(self.level)

    def part(self, models: slice) -> "Placed":
        """Some of the models."""
        return Placed(*(getattr(self, field.name)[models] for field in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence["Placed"]) -> "Placed":
        """The models of all parts, in their order."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


class Structure:
    """The structure of a cohort of m models: (m, p, w) strands, read by one score."""

    def __init__(self, score: Score, cohort: Strands, centre: Strands) -> None:
        self._score, self._centre = score, centre
        self._cohort = score.prepare(cohort, centre)
        own = np.eye(len(cohort), dtype=bool)
        scores = score.pair(self._cohort, self._cohort)
        self._levels = _median(scores, own)
        self._level = float(np.median(self._levels))
        residual = self._unlevelled(scores, self._levels)
        # Of scores that are all equal there is no spread: any number will do.
        self._spread = MAD * float(np.median(np.abs(residual[~own]))) or 1.0
        bounded = self._bounded(residual, own)
        values, vectors = np.linalg.eigh((bounded + bounded.T) / 2)
        ridge = self._spread * np.sqrt(len(cohort))
        explained = np.where(values > 0, 1 / (np.maximum(values, 0) + ridge), 0.0)
        # The regularised inverse of the cohort's covariance, and its products with the cohort.
        self._inverse = (vectors * explained) @ vectors.T
        self._weights = self._inverse @ bounded.T

    def placed(self, strands: Strands, members: Members) -> Placed:
        """Place n models; `members` (n,) holds their index in the cohort, or -1."""
        own = members[:, None] == np.arange(len(self._cohort))
        rows = self._score.prepare(strands, self._centre)
        scores = self._score.pair(rows, self._cohort)
        level = _median(scores, own)
        residual = self._unlevelled(scores, level)
        bounded = self._bounded(residual, own)
        mean, deviation = _strangers(residual - bounded @ self._weights, own)
        return Placed(rows, level, bounded, mean, deviation)

    def compare(self, a: Placed, b: Placed) -> tuple[F64, F64]:
        """Scores and standings, both (n_a, n_b): see the module on how they come about."""
        scores = self._score.pair(a.rows, b.rows)
        levels = a.level[:, None] + b.level[None] - self._level
        residual = scores - levels - a.residual @ self._inverse @ b.residual.T
        from_a = (residual - a.mean[:, None]) / a.deviation[:, None]
        from_b = (residual - b.mean[None]) / b.deviation[None]
        return scores, (from_a + from_b) / 2

    def centre_of(self, a: Placed, b: Placed) -> Strands:
        """What is subtracted from the strands of a pair, (p, w): of all pairs the same."""
        return self._centre

    def _unlevelled(self, scores: F64, level: F64) -> F64:
        return scores - level[:, None] - self._levels[None] + self._level

    def _bounded(self, residual: F64, own: npt.NDArray[np.bool_]) -> F64:
        bound = MOST_EXPLAINED * self._spread
        return np.where(own, 0.0, residual.clip(-bound, bound))


def _median(scores: F64, own: npt.NDArray[np.bool_]) -> F64:
    return _middles(np.sort(np.where(own, np.inf, scores), axis=1), (~own).sum(axis=1))


def _strangers(residual: F64, own: npt.NDArray[np.bool_]) -> tuple[F64, F64]:
    """Mean and deviation of each row (n, m) without what stands far above its median.

    Sorted once, a row's first are what is kept of it: medians are looked up, and numpy's of rows
    with holes take fifty times longer.
    """
    ordered = np.sort(np.where(own, np.inf, residual), axis=1)
    places, kept = np.arange(ordered.shape[1]), (~own).sum(axis=1)
    for _ in range(ROUNDS):
        middle = _middles(ordered, kept)[:, None]
        away = np.where(places < kept[:, None], np.abs(ordered - middle), np.inf)
        spread = MAD * _middles(np.sort(away, axis=1), kept)[:, None]
        few = np.minimum(kept, (ordered <= middle + FAR * spread).sum(axis=1))
        if (few == kept).all():
            break
        kept = few
    among = places < kept[:, None]
    mean = ordered.sum(axis=1, where=among) / kept
    squares = np.where(among, ordered - mean[:, None], 0.0) ** 2
    deviation = np.sqrt(squares.sum(axis=1) / kept)
    return mean, np.where(deviation > 0, deviation, 1.0)


def _middles(ordered: F64, counts: Members) -> F64:
    """The median of the first `counts` (n,) numbers of each sorted row (n, m)."""
    rows = np.arange(len(ordered))
    middles: F64 = (ordered[rows, (counts - 1) // 2] + ordered[rows, counts // 2]) / 2
    return middles
