"""The door to rooting: a tree and a method in, a rooted tree and how well the root fits out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.minimum_variance import minimum_variance
from app.phylo.outgroup import by_outgroup
from app.phylo.paths import depths
from app.phylo.rooting import midpoint
from app.phylo.rooting_by_date import by_date
from app.phylo.tree import Tree

Rooting = Literal["midpoint", "minimum_variance", "outgroup", "date"]
ROOTINGS: tuple[Rooting, ...] = get_args(Rooting)


@dataclass(frozen=True, eq=False)
class Rooted:
    """A rooted tree; `fit` says how well the root fits, by the measures of its method.

    midpoint: `cv`, standard deviation of root-to-tip distances over their mean; `radius`, the
        distance to the furthest tip, and `radius_second`, the least from any other branch.
    minimum_variance: `cv`; `cv_second`, the least from any other branch.
    outgroup: `cv`.
    date: `rss` and `rss_second`, residual sums, the second from any other branch; `n_dated`.
    A measure and its second that are nearly equal mean that the root may lie elsewhere as well.
    """

    tree: Tree
    method: Rooting
    fit: Mapping[str, float]


def root(
    tree: Tree,
    method: Rooting,
    outgroup: Sequence[str] = (),
    dates: NDArray[np.float64] | None = None,
) -> Rooted:
    """Root a tree: `outgroup` are labels of tips, `dates` (tips,) decimal years, NaN unknown.

    Supports stay with their branches. Raises InputError `bad_rooting` when the method lacks
    what it needs or gets what it cannot use, `bad_outgroup`, `bad_dates`, `too_few_dates` or
    `no_signal`.
    """
    if method not in ROOTINGS:
        raise InputError("bad_rooting", f"Root by {', '.join(ROOTINGS)}, not {method!r}.")
    if bool(outgroup) != (method == "outgroup"):
        raise InputError("bad_rooting", "Name an outgroup to root by outgroup, and only then.")
    if method == "date" and dates is None:
        raise InputError("bad_rooting", "Rooting by date needs the dates of tips.")
    if method == "outgroup":
        rooted, fit = by_outgroup(tree, outgroup)
    elif method == "date" and dates is not None:
        rooted, fit = by_date(tree, dates)
    elif method == "minimum_variance":
        rooted, fit = minimum_variance(tree)
    else:
        rooted = midpoint(tree)
        fit = _midpoint_fit(rooted)
    return Rooted(rooted, method, fit)


def _midpoint_fit(rooted: Tree) -> dict[str, float]:
    depth = depths(rooted)[: rooted.n_tips]
    radius = float(depth.max())
    if radius == 0:
        return {}
    around = np.flatnonzero(rooted.parents == rooted.root)
    # From any other branch the furthest tip is further away by the way to that branch.
    ends = rooted.lengths[around[around >= rooted.n_tips]]
    away = float(ends.min()) if len(around) == 2 and len(ends) else 0.0
    fit = {"cv": float(depth.std() / depth.mean()), "radius": radius}
    return fit if rooted.n_tips < 3 else {**fit, "radius_second": radius + away}
