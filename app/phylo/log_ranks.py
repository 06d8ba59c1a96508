"""Distances of answers as ranks: how many of a population are nearer to a model than another is.

What a cosine means differs from model to model and from probe to probe: chat models answer like
chat models, and some prompts leave one thing to say. A rank among the population's cohort does
away with both, and its logarithm has most of its resolution where relatives are.
"""

import numpy as np
from numpy.typing import NDArray

from app.dna.population import Population
from app.dna.scores import SCORES, Strands
from app.phylo.angles import F64, Columns, Floats, Members, products

F32 = NDArray[np.float32]

# Ranks at which a model's cosines with the cohort are kept, evenly spaced in logarithms.
KNOTS = 16
# Cosines that are nearer to each other tie. It also bounds what rounding can do to a rank.
TIE = 1e-3
# Numbers of strands, or cosines with the cohort, that are worked on at a time.
MOST_HELD = 1 << 22


class LogRank:
    """Mean over probes of log(1 + r) / log(1 + m), for a cohort of m models; from 0 to 1.

    r is the rank of one model as the other sees it on that probe: how many of the cohort, but
    for the model itself, have as high a centred cosine with it; seen from both, the mean of
    both. Between the KNOTS of the cohort that are kept, log(1 + r) is interpolated linearly in
    the cosine, and from the nearest one to a cosine of 1, where it is 0. What ties counts as
    nearer: an answer that many give says little. A model that answers nothing is far from all.

    Terms are additive over probes, so a resampled distance is exactly the mean over the
    resampled probes; the cohort and the centre stay as they are.
    """

    def __init__(self, population: Population) -> None:
        """The population must have a cohort."""
        self._centre = population.centre
        self._cohort = SCORES["answer"].prepare(population.cohort, self._centre)
        m = population.n_cohort
        self._ranks = np.unique(np.geomspace(1, m, KNOTS).round().astype(np.int64))[::-1]
        values = np.log1p(np.append(self._ranks, 0)) / np.log1p(m)
        self._values = values.astype(np.float32)

    def columns(self, strands: Strands, members: Members) -> Columns:
        """Directions (n, p, w) and the cosines of each rank (n, p, k), rising; float32."""
        n, p, w = strands.shape
        rows = np.empty((n, p, w), dtype=np.float32)
        knots = np.empty((n, p, len(self._values)), dtype=np.float32)
        step = max(1, MOST_HELD // (p * max(w, len(self._cohort))))
        for top in range(0, n, step):
            some = slice(top, top + step)
            rows[some] = SCORES["answer"].prepare(strands[some], self._centre)
            knots[some] = self._knots(rows[some], members[some])
        return rows, knots

    def terms(self, a: Columns, b: Columns) -> Floats:
        """Log-ranks, float32."""
        from app.phylo.kernels.log_ranks import replace_by_log_ranks

        found = products(a[0], b[0]).astype(np.float32, copy=False)
        replace_by_log_ranks(found, _by_probe(a[1]), _by_probe(b[1]), self._values)
        return found

    def finish(self, sums: F64, weights: F64, a: Columns, b: Columns) -> F64:
        """Weighted means of log-ranks."""
        means: F64 = sums / weights.sum(axis=1)[:, None, None]
        return means

    def _knots(self, rows: Floats, members: Members) -> F32:
        cosines = products(rows, self._cohort).transpose(1, 0, 2).copy()
        own = np.flatnonzero(members >= 0)
        cosines[own, :, members[own]] = -1.0 - TIE  # farther than any
        cosines.sort(axis=2)
        nearest = np.ones((*cosines.shape[:2], 1))
        knots = np.append(cosines[:, :, -self._ranks], nearest, axis=2)
        for k in range(1, knots.shape[2]):
            knots[:, :, k] = np.maximum(knots[:, :, k], knots[:, :, k - 1] + TIE)
        return knots.astype(np.float32)


def _by_probe(knots: Floats) -> F32:
    return np.ascontiguousarray(knots.transpose(1, 0, 2), dtype=np.float32)
