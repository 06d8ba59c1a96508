"""Least-squares dating (To, Jung, Lycett and Gascuel 2016): dates of all nodes, a strict clock."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.regression import PERMUTATIONS, root_to_tip
from app.phylo.rooting_by_date import dated_tips
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
REPLICATES = 100
LEVEL = 0.05  # above this p-value the dates say nothing that chance would not
ROUNDING = 1e-9
APART = 1e-6
MOST_SPANS = 3.0  # of the dates of tips: a root that is less certain is not known at all
PASSES = 3
STEADY = 0.3  # of the median length: the variance that a branch of no length has
LEAST_RATE = 1e-6  # of the mean root-to-tip distance in the span of the dates: a rate of nothing


@dataclass(frozen=True, eq=False)
class Clock:
    """The dates of all nodes, (nodes,) decimal years, and the rate, distance a year, behind them.

    error: (nodes,) the variance of each branch's length under the clock.
    """

    dates: F64
    rate: float
    error: F64


@dataclass(frozen=True, eq=False)
class Dating(Clock):
    """A clock with 95 % intervals: `earliest` and `latest` (nodes,), and of the rate.

    n_dated tips had a date. p_value is that of the root-to-tip regression: how often shuffled
    dates fit as well.
    """

    earliest: F64
    latest: F64
    rate_interval: tuple[float, float]
    n_dated: int
    p_value: float


def date_tree(
    tree: Tree,
    dates: F64,
    seed: int,
    replicates: int = REPLICATES,
    permutations: int = PERMUTATIONS,
) -> Dating:
    """Date all nodes of a rooted tree, if the dates of its tips allow it.

    `dates` is (tips,) decimal years, NaN where not known: such tips are dated too. Intervals are
    those of a parametric bootstrap: lengths drawn around the fitted ones, their variance as it
    is left after the fit. They cover the noise of branches, not a wrong tree or root, and on
    made-up trees held the truth in 84 to 96 of 100.
    Raises InputError `bad_dates`, `too_few_dates`; `no_signal` where the regression's p-value
    is above LEVEL, the rate is not positive, or the root's interval is longer than MOST_SPANS
    times the span of the dates, since no date could be believed then.
    """
    fit = root_to_tip(tree, dates, seed, permutations)
    if fit.rate <= 0 or fit.p_value > LEVEL:
        raise _no_signal(f"a root-to-tip rate of {fit.rate:.2g} a year, p = {fit.p_value:.2g}")
    clock = least_squares_dates(tree, dates)
    rng = np.random.default_rng(seed)
    found = [_again(tree, dates, clock, rng) for _ in range(replicates)]
    earliest, latest = _interval(np.stack([one.dates for one in found]), clock.dates, fit.n_dated)
    apart, span = latest[-1] - earliest[-1], float(np.ptp(dates[~np.isnan(dates)]))
    if apart > MOST_SPANS * span:
        raise _no_signal(
            f"the root may be of any date in {apart:.0f} years, by tips of {span:.1f} years"
        )
    low, high = _interval(np.array([one.rate for one in found]), np.array(clock.rate), fit.n_dated)
    return Dating(
        dates=clock.dates,
        rate=clock.rate,
        error=clock.error,
        earliest=earliest,
        latest=latest,
        rate_interval=(float(low), float(high)),
        n_dated=fit.n_dated,
        p_value=fit.p_value,
    )


def least_squares_dates(tree: Tree, dates: F64, start: Clock | None = None) -> Clock:
    """The dates and the rate that make the squared errors of branch lengths least.

    Errors are weighted by 1 / (length + a share of the median length), as a branch's variance
    grows with its length: at first its own, then the fitted one, since a branch that came out
    long by chance must not count for less. No node is younger than its children. `start` is a
    clock of the same tree and dates with other lengths, from which the way is shorter. Time
    O(nodes * (branches without time)).
    Raises InputError `bad_dates`, `too_few_dates`, or `no_signal` where the rate is not positive.
    """
    from app.phylo.kernels.dating import least_squares_dates as solve

    dated = dated_tips(tree, dates)
    span = float(np.ptp(dates[dated.taken]))
    size = float(tree.lengths.sum()) / (tree.n_nodes - 1)
    if size == 0:
        raise _no_signal("no length on any branch")
    known = np.full(tree.n_nodes, np.nan)
    known[: tree.n_tips] = (dates - dated.mean) / span
    lengths = tree.lengths / size
    if start is None:
        begin = _feasible(tree, known, lengths)
    else:
        rate = start.rate * span / size
        begin = np.append((start.dates - dated.mean) / span * rate, rate)
    variance = lengths
    for _ in range(PASSES):
        variance = variance + STEADY * float(np.median(lengths[lengths > 0]))
        tau, rate, reached = solve(
            np.asarray(tree.parents), lengths, 1 / variance, known, begin, LEAST_RATE
        )
        if not reached:
            raise ArithmeticError("the active set of least-squares dating did not settle")
        if rate <= LEAST_RATE * (1 + ROUNDING):
            raise _no_signal("no positive rate that fits")
        begin, passed = np.append(tau, rate), np.append(tau[:-1] - tau[tree.parents[:-1]], 0.0)
        last, variance = variance, np.maximum(passed, 0.0)
    left = float(((lengths - passed)[:-1] ** 2 / last[:-1]).sum())
    # Branches less unknowns: the rate, and tau of undated nodes, one where no time passed.
    spare = max(1, dated.n + int((passed[:-1] <= ROUNDING).sum()) - 2)
    found = tau / rate * span + dated.mean
    found[: tree.n_tips] = np.where(dated.taken, dates, found[: tree.n_tips])
    return Clock(found, rate * size / span, left / spare * last * size**2)


def _interval(sampled: F64, estimate: F64, n: int) -> tuple[F64, F64]:
    """95 % of the samples, (replicates, ...), spread for an error that few tips tell of."""
    from scipy.stats import t

    wider = float(t.ppf(0.975, n - 2)) / 1.96
    low, high = np.percentile(sampled, [2.5, 97.5], axis=0)
    return estimate - wider * np.maximum(estimate - low, 0), estimate + wider * np.maximum(
        high - estimate, 0
    )


def _feasible(tree: Tree, known: F64, lengths: F64) -> F64:
    """Tau of all nodes at a rate of one, no node younger than its children; the rate is last."""
    first = np.where(np.isnan(known), np.inf, known)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        # A little earlier, so that no constraint is active before the data speak.
        first[parent] = min(first[parent], first[node] - APART)
    for node in range(tree.root - 1, -1, -1):
        if np.isinf(first[node]):
            first[node] = first[tree.parents[node]] + lengths[node]
    return np.append(first, 1.0)


def _again(tree: Tree, dates: F64, clock: Clock, rng: np.random.Generator) -> Clock:
    """The clock of a tree whose branches are as long as this clock, with its errors, makes them."""
    passed = clock.rate * (clock.dates[:-1] - clock.dates[tree.parents[:-1]])
    mean = np.maximum(passed, 1e-9 * clock.rate)
    error = np.maximum(clock.error[:-1], 1e-18 * clock.rate**2)
    lengths = np.append(rng.gamma(mean**2 / error, error / mean), 0.0)
    return least_squares_dates(replace(tree, lengths=lengths), dates, clock)


def _no_signal(why: str) -> InputError:
    return InputError(
        "no_signal", f"Dating this tree is inconclusive: {why}. Its nodes are given no dates."
    )
