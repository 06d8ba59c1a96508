"""What a number of probes is worth: the power of the test that they make.

The power of a test is the share of the related pairs that it finds at a rate of false alarms;
here its mean over all rates up to MOST_FALSE (the partial area under the ROC curve over that
range, McClish 1989), since at a single rate a few pairs decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.evaluation.metrics import auc, cumulated, stand, tpr_at

F64 = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MOST_FALSE = 0.05
KEPT_POWER = 0.98
INTERVAL = (0.025, 0.975)
STEPS = (1, 2, 3, 5, 7)


@dataclass(frozen=True)
class Point:
    """What the first `n_probes` of an order are worth on families that did not order them."""

    n_probes: int
    auc: float
    tpr_at_1pct: float
    power: float


def steps(n_probes: int) -> list[int]:
    """1, 2, 3, 5, 7, 10, 20, 30, 50, ... and `n_probes`."""
    decades = (step * 10**decade for decade in range(len(str(n_probes))) for step in STEPS)
    return [*(k for k in decades if k < n_probes), n_probes]


class PairTest:
    """A test of pairs by their values, (k,), of which some are `related`, (k,)."""

    def __init__(self, values: F64, related: Mask) -> None:
        self._related = np.flatnonzero(related)
        strangers = np.flatnonzero(~related)
        self._strangers = strangers[np.argsort(values[strangers])]
        self._standing = stand(values[self._related], values[self._strangers])

    def power(self, weights: F64 | None = None) -> float:
        """The power; `weights` (k,) says how often each pair counts. NaN of nothing to count."""
        if weights is None:
            weights = np.ones(len(self._related) + len(self._strangers))
        below, counted = cumulated(weights[self._strangers]), weights[self._related]
        if not below[-1] or not counted.sum():
            return float("nan")
        ties = below[self._standing.left] + below[self._standing.right]
        found = np.maximum(0, 1 - (1 - ties / (2 * below[-1])) / MOST_FALSE)
        return float(counted @ found / counted.sum())


def point(n_probes: int, values: F64, related: Mask) -> Point:
    """What values of pairs, (k,), that so many probes gave are worth."""
    positive, negative = values[related], values[~related]
    return Point(
        n_probes=n_probes,
        auc=auc(positive, negative),
        tpr_at_1pct=tpr_at(positive, negative, 0.01),
        power=PairTest(values, related).power(),
    )


def fewest(powers: Sequence[float]) -> int:
    """The first place from which on all keep KEPT_POWER of the last."""
    below = [place for place, value in enumerate(powers) if value < KEPT_POWER * powers[-1]]
    return max(below, default=-1) + 1


def kept(
    values: tuple[F64, F64], related: Mask, families: Indexes, replicates: int, seed: int
) -> tuple[float, tuple[float, float] | None]:
    """The share of the power of the second values that the first keep, and its 95 % interval.

    `values` and `related` are of k pairs, `families` (2, k) numbers the families of their models.
    The interval resamples families with replacement, as `figures` does; None without replicates.
    """
    rng = np.random.default_rng(seed)
    few, everything = (PairTest(some, related) for some in values)
    n_families = int(families.max()) + 1
    even = np.full(n_families, 1 / n_families)
    first, second = families
    drawn = []
    for _ in range(replicates):
        counts = rng.multinomial(n_families, even).astype(np.float64)
        weights = np.where(first == second, counts[first], counts[first] * counts[second])
        drawn.append(_share(few.power(weights), everything.power(weights)))
    share = _share(few.power(), everything.power())
    known = [value for value in drawn if not np.isnan(value)]
    if not known:
        return share, None
    low, high = np.quantile(known, INTERVAL)
    return share, (float(low), float(high))


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
