"""An order of probes in which each next one adds the most to what those before it tell.

A score is the mean of its probes' parts. What a set of probes tells is how far the mean of its
parts sets related pairs above unrelated ones, in standard deviations of the unrelated (d', Green
& Swets, 1966): it needs only means and covariances, so the greedy order costs O(n_probes^2). A
probe that repeats what others said comes late, however much it tells alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Of parts that never vary: nothing is divided by zero.
TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class Separation:
    """How parts of pairs differ: `gaps` (n_probes,) and `spread` (n_probes, n_probes).

    The mean of the related pairs less that of the unrelated, and the covariance of the latter.
    """

    gaps: F64
    spread: F64

    @property
    def alone(self) -> F64:
        """What each probe tells alone, in standard deviations, (n_probes,)."""
        return self.gaps / np.sqrt(np.maximum(np.diag(self.spread), TINY))

    def order(self) -> Indexes:
        """All probes, each next one with those before it the most telling; of equals the first."""
        n_probes = len(self.gaps)
        order = np.empty(n_probes, dtype=np.int64)
        left = np.ones(n_probes, dtype=bool)
        gap, variance, shared = 0.0, 0.0, np.zeros(n_probes)
        own = np.diag(self.spread)
        for rank in range(n_probes):
            deviations = np.sqrt(np.maximum(variance + 2 * shared + own, TINY))
            best = int(np.where(left, (gap + self.gaps) / deviations, -np.inf).argmax())
            order[rank], left[best] = best, False
            gap += self.gaps[best]
            variance += 2 * shared[best] + own[best]
            shared += self.spread[best]
        return order

    def redundancies(self, order: Indexes) -> F64:
        """Correlation of each probe with the mean of those before it, in order; NaN first."""
        inside = self.spread[np.ix_(order, order)]
        before = np.tril(inside, -1).sum(axis=1)
        # The variance of the sum of the first k: the sum of the upper left k x k.
        variance = inside.cumsum(axis=0).cumsum(axis=1).diagonal()
        deviations = np.sqrt(np.maximum(variance[:-1] * inside.diagonal()[1:], TINY))
        return np.concatenate([[np.nan], before[1:] / deviations])


def separation(parts: npt.NDArray[np.floating], related: Mask) -> Separation:
    """What parts (k, n_probes) of k pairs say, of which some, (k,), are related, two not."""
    strangers = parts[~related].astype(np.float64)
    gaps = parts[related].mean(axis=0, dtype=np.float64) - strangers.mean(axis=0)
    strangers -= strangers.mean(axis=0)
    return Separation(gaps, strangers.T @ strangers / (len(strangers) - 1))
