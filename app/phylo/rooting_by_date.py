"""Rooting by date: the root from which the distances of tips grow most evenly with their dates.

Rambaut, Lam, Carvalho and Pybus (2016, TempEst) try many points; here the residual sum of each
branch is a parabola, so its best point is known at once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.minimum_variance import Place, best_place, least
from app.phylo.rooting import hang
from app.phylo.tip_sums import F64, TipSums, spread, tip_sums
from app.phylo.tree import Tree

FEWEST_DATED = 3
BLOCK = 64  # permutations at a time: a number for every node and permutation is held


@dataclass(frozen=True, eq=False)
class DatedTips:
    """The tips with a date: `taken` (tips,), and their dates less the mean, (tips,), else 0."""

    taken: NDArray[np.bool_]
    centred: F64
    mean: float

    @property
    def n(self) -> int:
        """How many there are."""
        return int(self.taken.sum())

    @property
    def spread(self) -> float:
        """Sum of the squares of the centred dates."""
        return float((self.centred**2).sum())


def dated_tips(tree: Tree, dates: F64) -> DatedTips:
    """Read (tips,) decimal years, NaN where not known.

    Raises InputError `bad_dates`, or `too_few_dates`: three tips and two dates at least.
    """
    if dates.shape != (tree.n_tips,) or np.isinf(dates).any():
        raise InputError("bad_dates", f"Give {tree.n_tips} dates, one a tip, NaN where unknown.")
    taken = ~np.isnan(dates)
    known = dates[taken]
    if len(known) < FEWEST_DATED or known.min() == known.max():
        raise InputError(
            "too_few_dates",
            f"Dates say something from {FEWEST_DATED} dated tips on, of two dates at least: "
            f"here are {len(known)} of {len(set(known.tolist()))}.",
        )
    mean = float(known.mean())
    return DatedTips(taken, np.where(taken, dates - mean, 0.0), mean)


def by_date(tree: Tree, dates: F64) -> tuple[Tree, dict[str, float]]:
    """Root where the regression of root-to-tip distance on date leaves the least residual sum.

    `dates` is (tips,) decimal years, NaN where not known: such tips are hung with the rest. The
    rate may not be negative: where it would be, the line is flat. Time O(nodes). Fit: `rss`,
    the residual sum; `rss_second`, the least that another branch offers (left out where there is
    none); `n_dated`. The rate and its significance: `app.phylo.regression.root_to_tip`.
    Raises InputError `bad_dates`, `too_few_dates`; `no_signal` where no root makes later tips
    lie further away.
    """
    dated = dated_tips(tree, dates)
    sums = tip_sums(tree, dated.taken, dated.centred[:, None])
    place, slope = _best(tree, dated, sums)
    if slope <= 0:
        raise InputError(
            "no_signal",
            "From no root do later models lie further away than earlier ones: root it otherwise.",
        )
    fit = {"rss": place.value, "rss_second": place.second, "n_dated": float(dated.n)}
    rooted = hang(tree, place.node, place.above, "date")
    return rooted, {name: value for name, value in fit.items() if not np.isnan(value)}


def permuted_residuals(
    tree: Tree, dated: DatedTips, permutations: int, rng: np.random.Generator
) -> F64:
    """The least residual sums, (permutations,), when dates are shuffled among the dated tips.

    The tree is rooted anew for every shuffle, as the root was chosen to suit the dates: else
    any dates seem to fit. Time O(nodes * permutations).
    """
    found: list[float] = []
    for start in range(0, permutations, BLOCK):
        block = min(BLOCK, permutations - start)
        times = np.zeros((tree.n_tips, block))
        times[dated.taken] = rng.permuted(
            np.tile(dated.centred[dated.taken][:, None], block), axis=0
        )
        sums = tip_sums(tree, dated.taken, times)
        found += [_residuals(tree, dated, sums, column)[1].min() for column in range(block)]
    return np.array(found)


def _best(tree: Tree, dated: DatedTips, sums: TipSums) -> tuple[Place, float]:
    """The best place for the root, and the covariance sum of distance and date there."""
    x, values = _residuals(tree, dated, sums, 0)
    place = best_place(tree, x, values)
    grown = sums.times_far[place.node, 0] + 2 * place.above * sums.times_below[place.node, 0]
    return place, float(grown)


def _residuals(tree: Tree, dated: DatedTips, sums: TipSums, column: int) -> tuple[F64, F64]:
    """The best point of every branch, and its residual sum; infinite where dates say nothing.

    The residual sum is the variance sum less (growth)^2 / spread where growth, a line in x, is
    positive. It is convex, so its least point is that of one of the pieces or where they meet.
    """
    a, b, c = spread(sums)
    start, slope = sums.times_far[:, column], 2 * sums.times_below[:, column]
    explained = (slope**2, 2 * start * slope, start**2)
    steep = tuple(p - q / dated.spread for p, q in zip((a, b, c), explained, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        meeting = np.where(slope != 0, -start / slope, 0.0)
    points = [
        least((steep[0], steep[1], steep[2]), tree.lengths)[0],
        least((a, b, c), tree.lengths)[0],
        np.clip(meeting, 0.0, tree.lengths),
        tree.lengths,
    ]
    tried = np.stack(points)
    growth = np.maximum(start + slope * tried, 0.0)
    values = np.maximum((a * tried + b) * tried + c - growth**2 / dated.spread, 0.0)
    best = values.argmin(axis=0)
    every = np.arange(tree.n_nodes)
    result = values[best, every]
    # All dated tips on one side: wherever the root is on such a branch, the fit is the same.
    result[(sums.below == 0) | (sums.below == sums.n)] = np.inf
    return tried[best, every], result
