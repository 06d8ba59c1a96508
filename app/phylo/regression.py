"""Root-to-tip regression: whether, and how fast, tips move away from the root as time goes by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.paths import depths
from app.phylo.rooting_by_date import DatedTips, dated_tips, permuted_residuals
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
PERMUTATIONS = 999
FLAT = 1e-12  # of the mean distance: a spread below this is rounding


@dataclass(frozen=True, eq=False)
class Regression:
    """Distance from the root against date, over the dated tips.

    rate: distance a year, of either sign. r2: share of the variance that the line explains.
    root_date: when the line meets zero, None unless the rate is positive. residuals: (tips,),
    NaN where a tip has no date. p_value: how often shuffled dates fit as well a line that rises.
    Tips that share branches are not independent, so the line describes, and its residuals say
    nothing of how exact the rate is: see `app.phylo.rates` for intervals.
    """

    rate: float
    r2: float
    root_date: float | None
    residuals: F64
    n_dated: int
    p_value: float
    permutations: int


def root_to_tip(tree: Tree, dates: F64, seed: int, permutations: int = PERMUTATIONS) -> Regression:
    """Regress the root-to-tip distances of a rooted tree on `dates` (tips,), decimal years.

    Dates are NaN where not known. A tree that was rooted by date is rooted anew for each shuffle
    (O(nodes * permutations)), since its root was chosen to suit the dates.
    Raises InputError `bad_dates`, `too_few_dates`, or `no_signal` where all dated tips are at
    one distance from the root.
    """
    dated = dated_tips(tree, dates)
    depth = depths(tree)[: tree.n_tips]
    known = depth[dated.taken]
    centred = known - known.mean()
    total = float((centred**2).sum())
    if total <= len(known) * (FLAT * known.mean()) ** 2:
        raise InputError(
            "no_signal", "All dated tips are equally far from the root: distances show no time."
        )
    times = dated.centred[dated.taken]
    growth = float(times @ centred)
    rate = growth / dated.spread
    residuals = np.full(tree.n_tips, np.nan)
    residuals[dated.taken] = centred - rate * times
    return Regression(
        rate=rate,
        r2=growth**2 / dated.spread / total,
        root_date=dated.mean - float(known.mean()) / rate if rate > 0 else None,
        residuals=residuals,
        n_dated=dated.n,
        p_value=_p_value(tree, dated, centred, seed, permutations),
        permutations=permutations,
    )


def _p_value(tree: Tree, dated: DatedTips, centred: F64, seed: int, permutations: int) -> float:
    rng = np.random.default_rng(seed)
    times = dated.centred[dated.taken]
    growth = float(times @ centred)
    if tree.rooting == "date":
        left = float((centred**2).sum()) - max(growth, 0.0) ** 2 / dated.spread
        shuffled = permuted_residuals(tree, dated, permutations, rng)
        as_good = shuffled <= left + FLAT * float((centred**2).sum())
    else:
        mixed = rng.permuted(np.tile(times, (permutations, 1)), axis=1)
        as_good = mixed @ centred >= growth - FLAT * abs(growth)
    return float((1 + as_good.sum()) / (1 + permutations))
