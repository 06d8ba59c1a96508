"""A leaf: how well values of pairs tell related models from unrelated ones, weighted or not.

AUC is the chance that a positive stands above a negative, ties counted half (Hanley & McNeil,
1982). The true positive rate at a false positive rate f is the share of the positives above the
least threshold that at most a share f of the negatives exceeds. With weights, a pair counts as
often as its weight says. NaN where there is nothing to count.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Indexes = npt.NDArray[np.intp]

# Weights are whole numbers; sums of them, times a rate, are off by less.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Standing:
    """Where positives stand among negatives in rising order: all that the figures need.

    `left` and `right` (n_positive,) count the negatives below, and at or below, each positive.
    """

    left: Indexes
    right: Indexes

    def auc(self, weights: F64, below: F64) -> float:
        """AUC with `weights` of the positives and `below` as `cumulated` gives it."""
        total = weights.sum() * below[-1]
        if not total:
            return float("nan")
        return float(weights @ (below[self.left] + below[self.right]) / (2 * total))

    def tpr_at(self, fpr: float, weights: F64, below: F64) -> float:
        """True positive rate at a false positive rate, weighted as `auc`."""
        if not weights.sum() or not below[-1]:
            return float("nan")
        least = (1 - fpr - ROUNDING) * below[-1]
        threshold = int(np.searchsorted(below[1:], least))
        return float(weights[self.left > threshold].sum() / weights.sum())


def stand(positive: F64, ordered: F64) -> Standing:
    """Place positives among the negatives, which are `ordered` from low to high."""
    return Standing(
        np.searchsorted(ordered, positive, "left"), np.searchsorted(ordered, positive, "right")
    )


def cumulated(weights: F64) -> F64:
    """The weight of the first 0, 1, 2, ... n negatives in rising order: (n,) to (n + 1,)."""
    below = np.zeros(len(weights) + 1)
    np.cumsum(weights, out=below[1:])
    return below


def auc(positive: F64, negative: F64) -> float:
    """AUC of positives (n,) against negatives (m,)."""
    below = np.arange(len(negative) + 1.0)
    return stand(positive, np.sort(negative)).auc(np.ones(len(positive)), below)


def tpr_at(positive: F64, negative: F64, fpr: float) -> float:
    """True positive rate of positives (n,) against negatives (m,) at a false positive rate."""
    below = np.arange(len(negative) + 1.0)
    return stand(positive, np.sort(negative)).tpr_at(fpr, np.ones(len(positive)), below)


def pairs_above(values: F64, chosen: Mask) -> F64:
    """The values of the chosen pairs, each once: both arguments (n, n) and symmetric."""
    above: F64 = values[np.triu(chosen, 1)]
    return above


def places(values: F64, wanted: Mask, candidates: Mask) -> F64:
    """For each row, how many other candidates stand no lower than its best wanted one.

    All are (n, n). 0: a wanted one comes first; ties lose. NaN for rows with nothing wanted,
    infinite where nothing wanted is a candidate.
    """
    best = np.where(wanted & candidates, values, -np.inf).max(axis=1, initial=-np.inf)
    ahead = (candidates & ~wanted & (values >= best[:, None])).sum(axis=1)
    return np.where(wanted.any(axis=1), np.where(np.isfinite(best), ahead, np.inf), np.nan)
