"""Scores of pairs of models from their strands: higher means more alike, 1 is a model with itself.

All take float arrays whose first axis is the model and return scores in float64. What is
subtracted first is the centre, the mean strand of a population, without which every pair of
models looks related (unrelated answers already share 0.2 of their n-grams); a registry that is
too small for a reference passes a centre of zero. What a score says of descent is another
question: see `app/dna/population.py`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol, ResponseKind

F64 = npt.NDArray[np.float64]
Strands = npt.NDArray[np.floating]
Rows = TypeVar("Rows", npt.NDArray[np.float32], npt.NDArray[np.float64])
# What a score makes of strands, one row a model, before any two are compared.
Prepared = npt.NDArray[np.floating]

# Nats. A word that is all but certain says nothing of how surprised a model is.
LEAST_SURPRISAL = 0.1
# A word counts at most as one and a half times more, or less, surprising than expected: one that
# a single model finds absurd must not decide a correlation.
MOST_SURPRISE = np.log(1.5)
# Between this and its inverse a sum of squares is sound in float32.
LEAST_SQUARE = 1e-24


@dataclass(frozen=True)
class Score:
    """A score in two steps, so that what a cohort is asked again and again is made once.

    `prepare` takes strands (n, p, w) and the centre (p, w) to one row a model; `pair` takes the
    rows of n and of m models to (n, m). Called with both strands and the centre it does both.
    """

    name: str
    prepare: Callable[[Strands, Strands], Prepared]
    pair: Callable[[Prepared, Prepared], F64]

    def __call__(self, a: Strands, b: Strands, centre: Strands) -> F64:
        """The score of every model of `a` with every model of `b`, (n, m)."""
        return self.pair(self.prepare(a, centre), self.prepare(b, centre))


def surprises(strands: Strands, centre: Strands) -> F64:
    """Unexpected surprise at each word, as unit rows: (n, p, w) to (n, p * w).

    The logarithm of the surprisal, less what the population's surprisal predicts by a power law
    of the model's own (log s = alpha + beta log s_mean, least squares: a model's size, its
    temperature and its tuning move alpha and beta, not its ancestry), clipped to MOST_SURPRISE.
    Without a centre (all zero) nothing is predicted and nothing clipped.
    """
    logs = log_surprisals(strands)
    return unexpected(logs, log_surprisals(centre[None])) if np.any(centre) else unit_rows(logs)


def log_surprisals(strands: Strands) -> F64:
    """Logarithms of surprisals, less each row's mean: (n, p, w) to (n, p * w)."""
    logs: F64 = np.log(np.maximum(-_flat(strands), LEAST_SURPRISAL))
    logs -= logs.mean(axis=1, keepdims=True)
    return logs


def unexpected(logs: F64, expected: F64) -> F64:
    """What `expected`, (n, d) or (1, d) for all, does not predict of `logs`, (n, d): unit rows."""
    squares = np.maximum((expected * expected).sum(axis=1), np.finfo(float).tiny)
    slopes = (logs * expected).sum(axis=1) / squares
    rest = (logs - slopes[:, None] * expected).clip(-MOST_SURPRISE, MOST_SURPRISE)
    return unit_rows(rest - rest.mean(axis=1, keepdims=True))


def probe_cosines(a: Strands, b: Strands, centre: Strands) -> npt.NDArray[np.float32]:
    """Centred cosines of one probe: (n, w) and (m, w) to (n, m), float32."""
    rows = _directions(a[:, None], centre[None])[:, 0], _directions(b[:, None], centre[None])[:, 0]
    cosines: npt.NDArray[np.float32] = rows[0] @ rows[1].T
    return cosines


def rooted(cosines: Rows) -> Rows:
    """The square root of each, with its sign."""
    return cast("Rows", np.sign(cosines) * np.sqrt(np.abs(cosines)))


def _centred_rows(strands: Strands, centre: Strands) -> F64:
    return unit_rows(_flat(strands) - _flat(centre[None]))


def unit_rows(rows: Rows) -> Rows:
    """Scale rows (n, d) to length 1, in their dtype; a row that is the centre stays zero."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        squares = np.vecdot(rows, rows)
        units = rows / np.sqrt(squares)[:, None]
    # Zero, or nearly, or large: the square of 1e20 is no float32.
    unsure = ~((squares > LEAST_SQUARE) & (squares < 1 / LEAST_SQUARE))
    if unsure.any():
        exact = rows[unsure].astype(np.float64)
        lengths = np.linalg.norm(exact, axis=1, keepdims=True)
        units[unsure] = np.divide(exact, lengths, out=np.zeros_like(exact), where=lengths > 0)
    return cast("Rows", units)


def _flat(strands: Strands) -> F64:
    return strands.astype(np.float64).reshape(len(strands), math.prod(strands.shape[1:]))


def _bounded(scores: F64) -> F64:
    bounded: F64 = scores.clip(-1.0, 1.0)
    return bounded


def _products(a: Prepared, b: Prepared) -> F64:
    return _bounded(a.astype(np.float64, copy=False) @ b.astype(np.float64, copy=False).T)


def _directions(strands: Strands, centre: Strands) -> npt.NDArray[np.float32]:
    """Centred rows of length 1, probe by probe: (n, p, w), float32."""
    centred = strands.astype(np.float32, copy=False) - centre.astype(np.float32)
    return unit_rows(centred.reshape(-1, strands.shape[-1])).reshape(strands.shape)


def _mean_root(a: Prepared, b: Prepared) -> F64:
    total = np.zeros((len(a), len(b)))
    for probe in range(a.shape[1]):
        total += rooted((a[:, probe] @ b[:, probe].T).astype(np.float32, copy=False))
    return _bounded(total / a.shape[1])


# Correlation of how much more surprised than expected two models are by each word.
surprise_correlation = Score("surprise_correlation", surprises, _products)
# Mean over probes of the signed square root of the centred cosine. The root keeps a few answers
# that two models share word for word from deciding: what many probes agree on a little counts
# for more than what one says loudly.
rooted_cosine = Score("rooted_cosine", _directions, _mean_root)
# Cosine of the centred strands, all probes as one vector.
centred_cosine = Score("centred_cosine", _centred_rows, _products)

SCORES: dict[ResponseKind, Score] = {
    "likelihood": surprise_correlation,
    "answer": rooted_cosine,
    "vector": centred_cosine,
}
NAMES: dict[ResponseKind, str] = {kind: score.name for kind, score in SCORES.items()}


def score(protocol: Protocol, a: Strands, b: Strands, centre: Strands) -> F64:
    """Score every model of `a` against every model of `b` as the protocol asks; in [-1, 1]."""
    return SCORES[protocol.response](a, b, centre)
