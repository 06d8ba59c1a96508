"""Scores of pairs of models from their strands: higher means more alike.

All take float arrays whose first axis is the model and return scores in float64. What is
subtracted first is the reference mean (`centre`), without which every pair of models looks
related (unrelated answers already share 0.2 of their n-grams); a registry that is too small for
a reference passes a centre of zero.
"""

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol, ResponseKind

F64 = npt.NDArray[np.float64]
Strands = npt.NDArray[np.floating]
Rows = TypeVar("Rows", npt.NDArray[np.float32], npt.NDArray[np.float64])
Score = Callable[[Strands, Strands, Strands], F64]

# Natural-log units. A single word that one model finds absurd must not decide a correlation.
CLIP = 6.0


def clipped_correlation(a: Strands, b: Strands, centre: Strands) -> F64:
    """Pearson correlation of centred log-probabilities, clipped to +-6 when there is a centre.

    Shapes (n, p, w) and (m, p, w) to (n, m). Without a centre (all zero) nothing is clipped:
    the raw log-probabilities themselves often lie beyond the bound.
    """
    bound = CLIP if np.any(centre) else np.inf

    def standardised(strands: Strands) -> F64:
        flat = _flat(strands, centre).clip(-bound, bound)
        return unit_rows(flat - flat.mean(axis=1, keepdims=True))

    return _bounded(standardised(a) @ standardised(b).T)


def centred_cosine(a: Strands, b: Strands, centre: Strands) -> F64:
    """Cosine of the centred strands, all probes as one vector; (n, p, w), (m, p, w) to (n, m)."""
    return _bounded(unit_rows(_flat(a, centre)) @ unit_rows(_flat(b, centre)).T)


def log_rank(strands: Strands, centre: Strands) -> F64:
    """Mean over probes of -log((rank + 1/2) / (n - 1)), made symmetric; (n, p, w) to (n, n).

    The rank of b among all other models as seen from a, 0 = nearest, by centred cosine on that
    probe; ties share their mean rank. Robust to style, since only the order counts. The diagonal
    is that of a model with itself: rank 0 everywhere. O(p n^2 log n) time, O(n^2) memory.
    """
    n, n_probes, _ = strands.shape
    total = np.zeros((n, n))
    for probe in range(n_probes):
        vectors = unit_rows(_flat(strands[:, probe], centre[probe]))
        total += -np.log((_ranks(vectors @ vectors.T) + 0.5) / max(n - 1, 1))
    symmetric: F64 = (total + total.T) / (2 * n_probes)
    return symmetric


def _ranks(similarity: F64) -> F64:
    """Rank of each other model in its row, 0 = most similar, ties averaged; 0 on the diagonal."""
    n = len(similarity)
    rounded = np.round(-similarity, 9)
    np.fill_diagonal(rounded, np.inf)
    ordered = np.sort(rounded, axis=1)
    ranks = np.empty((n, n))
    for row in range(n):
        low = np.searchsorted(ordered[row], rounded[row], side="left")
        high = np.searchsorted(ordered[row], rounded[row], side="right")
        ranks[row] = (low + high - 1) / 2
    np.fill_diagonal(ranks, 0.0)
    return ranks


# One score per kind of response. Log-rank needs the whole population, so it serves trees and
# evaluations; these two need only the pair and the reference.
SCORES: dict[ResponseKind, Score] = {
    "likelihood": clipped_correlation,
    "answer": centred_cosine,
    "vector": centred_cosine,
}
NAMES: dict[ResponseKind, str] = {
    "likelihood": "clipped_correlation",
    "answer": "centred_cosine",
    "vector": "centred_cosine",
}


def score(protocol: Protocol, a: Strands, b: Strands, centre: Strands) -> F64:
    """Score every model of `a` against every model of `b` as the protocol asks; in [-1, 1]."""
    return SCORES[protocol.response](a, b, centre)


def _flat(strands: Strands, centre: Strands) -> F64:
    centred = strands.astype(np.float64) - centre.astype(np.float64)
    return centred.reshape(len(strands), -1)


def unit_rows(rows: Rows) -> Rows:
    """Scale rows (n, d) to length 1, in their dtype; a row that is the centre stays zero."""
    # Lengths in float64: the square of 1e20 is no float32.
    lengths = np.linalg.norm(rows.astype(np.float64, copy=False), axis=1, keepdims=True)
    return cast("Rows", np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))


def _bounded(scores: F64) -> F64:
    bounded: F64 = scores.clip(-1.0, 1.0)
    return bounded
