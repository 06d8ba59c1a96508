"""Evolutionary speed: how much the models of each family change in a year, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.clock_slope import Slope, clock_slope
from app.phylo.paths import tip_distances
from app.phylo.pruning import restrict
from app.phylo.rooting import root_above
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
FEWEST = 5  # dated members: with fewer an interval is too wide to say anything
FEWEST_DATES = 3  # among those that came after the first
LEAST_SPAN = 0.25  # years: dates are mostly months


@dataclass(frozen=True, eq=False)
class FamilyRate:
    """How fast one family moves away from its earliest member, the tip `origin`; distance a year.

    `n` members are dated, from `first` to `last` (decimal years). `rate` and its 95 % interval
    `low` ... `high` are None where it is inconclusive, for the reason `why`. `p_value` is that of
    no change with time at all (two-sided). `slope` is what comparisons need; `probe_error` is the
    part of the standard error `error` that replicates show, 0 without replicates.
    """

    family: str
    n: int
    first: float | None
    last: float | None
    origin: int | None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    p_value: float | None = None
    why: str = ""
    slope: Slope | None = None
    probe_error: float = 0.0


def family_rates(
    tree: Tree, dates: F64, families: Sequence[str], replicates: Sequence[Tree] = ()
) -> tuple[FamilyRate, ...]:
    """The rate of every family of a rooted tree, the families in the order of their names.

    `dates` (tips,) are decimal years, NaN where not known; `families` (tips,) names, "" for none.
    `replicates` are rooted trees of resampled probes with the same tips in the same order.
    The rate is the slope of distance from the earliest dated member on date, by generalised least
    squares over the others (`clock_slope`), with a Student interval. So where the tree is rooted
    does not matter, nor whether the family is one clade. The last common ancestor would be a
    better origin if it were known, but distances to other families saturate: seen from there all
    members are about equally far, and a rate shrinks to nothing (ADR 0022).
    Replicates add the variance of the slope among them; as residuals hold noise of probes
    already, the interval is then rather too wide than too narrow.
    Raises InputError `bad_families`, `bad_dates` or `different_tips`.
    """
    _check(tree, dates, families, replicates)
    names = sorted(set(families) - {""})
    return tuple(_rate(tree, dates, _Members.of(name, families), replicates) for name in names)


@dataclass(frozen=True)
class _Members:
    name: str
    tips: tuple[int, ...]

    @classmethod
    def of(cls, name: str, families: Sequence[str]) -> "_Members":
        return cls(name, tuple(tip for tip, family in enumerate(families) if family == name))


def _rate(tree: Tree, dates: F64, members: _Members, replicates: Sequence[Tree]) -> FamilyRate:
    dated = [tip for tip in members.tips if not np.isnan(dates[tip])]
    known = dates[dated]
    first, last = (float(known.min()), float(known.max())) if dated else (None, None)
    why = _too_little(known)
    if why:
        return FamilyRate(members.name, len(dated), first, last, None, why=why)
    origin = _earliest(tree, dates, dated)
    slope = _slope(tree, dates, dated, origin)
    if slope is None:
        return FamilyRate(
            members.name, len(dated), first, last, origin, why="its models do not differ at all"
        )
    again = [_slope(one, dates, dated, origin) for one in replicates]
    rates = [one.rate for one in again if one is not None]
    probes = float(np.std(rates, ddof=1)) if len(rates) > 1 else 0.0
    error = float(np.hypot(slope.error, probes))
    low, high, p_value = _interval(slope, error)
    return FamilyRate(
        family=members.name,
        n=len(dated),
        first=first,
        last=last,
        origin=origin,
        rate=slope.rate,
        low=low,
        high=high,
        error=error,
        p_value=p_value,
        slope=slope,
        probe_error=probes,
    )


def _too_little(known: F64) -> str:
    if len(known) < FEWEST:
        return f"{len(known)} dated models are too few: it takes {FEWEST}"
    if len(np.unique(known)) <= FEWEST_DATES:
        return f"its models came at {len(np.unique(known))} times: it takes {FEWEST_DATES + 1}"
    if np.ptp(known) < LEAST_SPAN:
        return f"its models came within {np.ptp(known) * 12:.1f} months: it takes 3"
    return ""


def _earliest(tree: Tree, dates: F64, dated: Sequence[int]) -> int:
    """The tip that came first; of several the one that is nearest to all members."""
    apart = tip_distances(restrict(tree, dated)).sum(axis=1)
    return min(dated, key=lambda tip: (dates[tip], apart[dated.index(tip)], tree.labels[tip]))


def _slope(tree: Tree, dates: F64, dated: Sequence[int], origin: int) -> Slope | None:
    """The slope over the dated members but the origin; None where nothing lies between them."""
    part = restrict(tree, dated)
    first = list(dated).index(origin)
    rest = [tip for tip in part.tips if tip != first]
    part = restrict(root_above(part, first, 0.0, "earliest"), rest)
    if part.total_length == 0:
        return None
    return clock_slope(part, dates[[dated[tip] for tip in rest]])


def _interval(slope: Slope, error: float) -> tuple[float, float, float]:
    from scipy.stats import t

    freedom = slope.n - 2
    half = float(t.ppf(0.975, freedom)) * error
    p_value = float(2 * t.sf(abs(slope.rate) / error, freedom)) if error > 0 else 0.0
    return slope.rate - half, slope.rate + half, p_value


def _check(tree: Tree, dates: F64, families: Sequence[str], replicates: Sequence[Tree]) -> None:
    if len(families) != tree.n_tips:
        raise InputError("bad_families", f"Give {tree.n_tips} families, one a tip, or nothing.")
    if dates.shape != (tree.n_tips,) or np.isinf(dates).any():
        raise InputError("bad_dates", f"Give {tree.n_tips} dates, one a tip, NaN where unknown.")
    if any(one.labels != tree.labels for one in replicates):
        raise InputError("different_tips", "Give replicates with the tips of the tree, in order.")
