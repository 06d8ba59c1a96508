"""How fast the tips of one rooted tree move away from its root: a slope with its error.

Tips that share branches share the errors of those branches, so plain regression is too sure of
itself: the slope is that of generalised least squares, with the covariances of a clock.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.dating import STEADY, least_squares_dates
from app.phylo.paths import depths, tip_distances
from app.phylo.tree import Tree

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slope:
    """A slope, distance a year, and its standard error, over n tips.

    `times` and `left` (n,) are dates and distances without their correlation: `times` has lost
    what the intercept explains, `left` is what the line leaves. `start` (n,), of length one, is
    the direction of the intercept.
    """

    rate: float
    error: float
    n: int
    start: F64
    times: F64
    left: F64


def clock_slope(tree: Tree, dates: F64) -> Slope:
    """Regress root-to-tip distance on `dates` (tips,), all known, three at least and not all one.

    The covariance of two tips is the length that they share from the root, as a strict clock
    fits it (`least_squares_dates`): observed lengths would give most weight to those that came
    out short by chance, and the slope would come out too small. Where no clock with a positive
    rate fits, it is the observed lengths after all. Time O(n^3).
    """
    lengths = _fitted_lengths(tree, dates)
    depth = depths(replace(tree, lengths=lengths))[: tree.n_tips]
    paths = tip_distances(replace(tree, lengths=lengths))
    root = np.linalg.cholesky((depth[:, None] + depth[None, :] - paths) / 2)
    design = np.stack([np.ones(tree.n_tips), dates - dates.mean(), depths(tree)[: tree.n_tips]])
    start, times, away = np.linalg.solve(root, design.T).T
    start /= np.linalg.norm(start)
    times -= (times @ start) * start
    away -= (away @ start) * start
    rate = float(times @ away) / float(times @ times)
    left = away - rate * times
    error = float(np.sqrt(left @ left / (tree.n_tips - 2) / (times @ times)))
    return Slope(rate, error, tree.n_tips, start, times, left)


def _fitted_lengths(tree: Tree, dates: F64) -> F64:
    """Lengths in proportion to variances: time, and something that even no time has."""
    try:
        clock = least_squares_dates(tree, dates)
    except InputError as error:
        if error.code != "no_signal":
            raise
        passed = tree.lengths.copy()
    else:
        passed = clock.rate * np.maximum(clock.dates - clock.dates[tree.parents], 0.0)
    passed += STEADY * float(np.median(tree.lengths[tree.lengths > 0]))
    passed[tree.root] = 0.0
    return passed
