"""How well a tree and its distances keep models of one base together, and with what certainty.

Intervals resample the series that bases belong to: models of one series are no independent
evidence, and where few series carry a figure its interval is wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.evaluation.kinship import Kinship, kinship
from app.evaluation.quartets import accuracies
from benchmarks.cohort import Cohort, Grown

F64 = NDArray[np.float64]
SEED = 0
REPLICATES = 2000
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval, of `n` things that were counted."""

    value: float
    low: float
    high: float
    n: int

    @property
    def has_a_sign(self) -> bool:
        """Whether the interval lies on one side of zero: of a difference, that there is one."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Kept:
    """What each of some trees keeps together, and by how much the first one keeps more.

    `chance` is what models that know nothing of their bases would have.
    """

    shares: tuple[Share, ...]
    more: tuple[Share, ...]
    chance: float


@dataclass(frozen=True, eq=False)
class Known:
    """The models whose base is known: their places among the tips, and how they are related."""

    places: NDArray[np.int64]
    kin: Kinship

    @property
    def series(self) -> NDArray[np.int64]:
        """The series of each, as codes 0, 1, ..."""
        return np.unique(np.array(self.kin.families), return_inverse=True)[1]


def known(of: Cohort) -> Known:
    """The models of a cohort whose base is known."""
    places = [place for place, row in enumerate(of.rows) if row.has_base]
    return Known(np.array(places), kinship([of.rows[place] for place in places], of.lineage))


def quartets(models: Known, trees: Sequence[Grown]) -> Kept:
    """Of quartets of two pairs of one base, of different series: the share that a tree shows."""
    found = [accuracies(one.tree, models.places, models.kin, SEED)["same_base"] for one in trees]
    return _kept(
        [[one.share(counts) for counts in _draws(models)] for one in found],
        [one.share() for one in found],
        len(found[0]),
        1 / 3,
    )


def nearest(models: Known, trees: Sequence[Grown]) -> Kept:
    """The share of models whose nearest model of known base has theirs, if any other has it."""
    same = models.kin.same_base
    can = same.any(axis=1)
    hits = [_hits(models, one)[can] for one in trees]
    series = models.series[can]
    draws = [[_mean(one, counts[series]) for counts in _draws(models)] for one in hits]
    chance = float(same[can].sum(axis=1).mean()) / (len(same) - 1)
    return _kept(draws, [float(one.mean()) for one in hits], int(can.sum()), chance)


def _hits(models: Known, grown: Grown) -> F64:
    apart = grown.distances[np.ix_(models.places, models.places)].copy()
    np.fill_diagonal(apart, np.inf)
    hits: F64 = models.kin.same_base[np.arange(len(apart)), apart.argmin(axis=1)].astype(float)
    return hits


def _draws(models: Known) -> F64:
    """How often each series is drawn, (replicates, n_series): the same draws for every tree."""
    n = int(models.series.max()) + 1
    rng = np.random.default_rng(SEED)
    return rng.multinomial(n, np.full(n, 1 / n), size=REPLICATES).astype(np.float64)


def _mean(values: F64, weights: F64) -> float:
    return float(values @ weights / weights.sum()) if weights.any() else float("nan")


def oddness(grown: Grown) -> float:
    """The share of the variance of distances that is d(i, j) = a(i) + a(j), from 0 to 1.

    Near 1 a distance says how odd either model is, and next to nothing of the pair. The a are
    fitted by least squares: in closed form, since every pair is there once.
    """
    n = len(grown.distances)
    first, second = np.triu_indices(n, 1)
    apart = grown.distances[first, second]
    sums = grown.distances.sum(axis=1)
    each = (sums - apart.sum() / (n - 1)) / (n - 2)
    left = apart - each[first] - each[second]
    return 1 - float(left.var() / apart.var())


def _kept(draws: Sequence[Sequence[float]], values: Sequence[float], n: int, chance: float) -> Kept:
    rows = np.array(draws)
    return Kept(
        shares=tuple(_share(value, row, n) for value, row in zip(values, rows, strict=True)),
        more=tuple(
            _share(values[0] - value, rows[0] - row, n)
            for value, row in zip(values[1:], rows[1:], strict=True)
        ),
        chance=chance,
    )


def _share(value: float, draws: F64, n: int) -> Share:
    low, high = np.nanquantile(draws, INTERVAL)
    return Share(value, float(low), float(high), n)
