"""What the score of two models is made of: what each probe and each word adds to it.

Both scores are means, so the parts of one add up to it and can be shown in its stead.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.nulls import Null
from app.dna.population import Population
from app.dna.protocol import Protocol
from app.dna.scores import Strands, probe_cosines, rooted, score, surprises

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

BINS = 60


def probe_scores(protocol: Protocol, a: Strands, b: Strands, centre: Strands) -> F64:
    """What each probe says of two models, (p, w) each, against a centre: (p,).

    The mean over all probes is the score of the pair under the same centre. Of answers it is the
    rooted cosine of the probe, of log-probabilities the mean of what its words add.
    """
    if protocol.response == "likelihood":
        passages: F64 = word_scores(a, b, centre).mean(axis=1)
        return passages
    if protocol.response == "answer":
        cosines = [probe_cosines(a[p][None], b[p][None], centre[p])[0, 0] for p in range(len(a))]
        return rooted(np.array(cosines, dtype=np.float32)).astype(np.float64)
    return np.full(len(a), score(protocol, a[None], b[None], centre)[0, 0])


def word_scores(a: Strands, b: Strands, centre: Strands) -> F64:
    """What each word adds to the correlation of two models' surprises, (p, w).

    The product of both `standardised`; the mean over all words of all passages is the score.
    """
    return standardised(a, centre) * standardised(b, centre)


def standardised(strand: Strands, centre: Strands) -> F64:
    """How much more surprised than expected a model is by each word, (p, w) to (p, w).

    In its own standard deviations: mean 0, variance 1 over all words; positive is more surprised.
    """
    rows: F64 = surprises(strand[None], centre)[0] * np.sqrt(strand.size)
    return rows.reshape(strand.shape)


def ranked(scores: F64) -> list[int]:
    """All probes, those first that speak most for a pair; of equals the earlier first."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order


def ends(order: list[int], n: int) -> tuple[list[int], list[int]]:
    """The first `n` of an order, and the last `n` backwards; of fewer than 2 n, halves."""
    half = (len(order) + 1) // 2
    return order[:half][:n], order[half:][::-1][:n]


@dataclass(frozen=True, eq=False)
class NullCurve:
    """The standings of unrelated pairs as a histogram: `edges` (BINS + 1,), `shares` (BINS,).

    Shares are of all unrelated pairs; the few beyond the last edge are missing from them.
    """

    edges: F64
    shares: F64

    def counts(self, standings: F64) -> I64:
        """How many of these standings fall into each bin, (BINS,); the outer bins take the rest."""
        inside = standings.clip(self.edges[0], self.edges[-1])
        counts: I64 = np.histogram(inside, self.edges)[0].astype(np.int64)
        return counts


def null_curve(population: Population, null: Null, standing: float) -> NullCurve:
    """The null that p-values of a population are taken from, its own and the shipped one.

    A bin holds what the p-value falls by from its lower edge to its upper one. The edges hold
    the whole null, and a pair's standing unless it lies farther off than the null is wide.
    """
    lowest, highest = null.quantiles[[0, -1]]
    width = highest - lowest or 1.0
    low, high = np.clip(standing, [lowest - width, highest], [lowest, highest + width])
    margin = (high - low or 1.0) / BINS
    edges: F64 = np.linspace(low - margin, high + margin, BINS + 1)
    p_values = population.p_values(edges)
    return NullCurve(edges, p_values[:-1] - p_values[1:])
