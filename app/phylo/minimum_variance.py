"""Minimum-variance rooting (Mai, Sayyari and Mirarab 2017)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.phylo.rooting import hang
from app.phylo.tip_sums import F64, spread, tip_sums
from app.phylo.tree import Tree


@dataclass(frozen=True)
class Place:
    """A point `above` the node on its branch, and how good it is there: less is better.

    `second` is the best that any other branch offers; NaN where there is no other branch.
    """

    node: int
    above: float
    value: float
    second: float


def minimum_variance(tree: Tree) -> tuple[Tree, dict[str, float]]:
    """Root where the distances of all tips from the root vary least; time O(nodes).

    It is right when all lineages changed at about the same speed, and uses all tips where the
    midpoint uses two. Fit: `cv`, the standard deviation of root-to-tip distances divided by
    their mean; `cv_second`, the least that another branch offers, left out where there is none.
    A tree without any length stays as it is, without a fit.
    """
    everyone = np.ones(tree.n_tips, dtype=np.bool_)
    if tree.total_length == 0:
        return hang(tree, tree.root, 0.0, "minimum_variance"), {}
    sums = tip_sums(tree, everyone, np.empty((tree.n_tips, 0)))
    place = best_place(tree, *least(spread(sums), tree.lengths))
    mean = mean_depth(sums.far, sums.below, sums.n, place)
    found = {"cv": place.value, "cv_second": place.second}
    fit = {name: _share(value, sums.n, mean) for name, value in found.items()}
    rooted = hang(tree, place.node, place.above, "minimum_variance")
    return rooted, {name: value for name, value in fit.items() if not math.isnan(value)}


def least(parabola: tuple[F64, F64, F64], lengths: F64) -> tuple[F64, F64]:
    """Where on each branch, 0 <= x <= length, a parabola a x^2 + b x + c is least; its value."""
    a, b, c = parabola
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = np.where(a > 0, -b / (2 * a), 0.0)
    x = np.clip(lowest, 0.0, lengths)
    return x, np.maximum((a * x + b) * x + c, 0.0)


def best_place(tree: Tree, x: F64, values: F64, allowed: NDArray[np.bool_] | None = None) -> Place:
    """The best of the best points of all branches, and the best of any other branch.

    `x` and `values` are (nodes,); the root has no branch, and the two branches of a root with
    two children are one. `allowed` leaves branches out.
    """
    open_ = values.copy()
    open_[tree.root] = np.inf
    if allowed is not None:
        open_[~allowed] = np.inf
    node = int(open_.argmin())
    value = float(open_[node])
    open_[node] = np.inf
    around = np.flatnonzero(tree.parents == tree.root)
    if len(around) == 2 and node in around:
        open_[around] = np.inf
    second = float(open_.min())
    return Place(node, float(x[node]), value, second if math.isfinite(second) else math.nan)


def mean_depth(far: F64, below: F64, n: int, place: Place) -> float:
    """The mean distance of the tips from a place."""
    moved = far[place.node] + place.above * (2 * below[place.node] - n)
    return float(moved) / n


def _share(summed: float, n: int, mean: float) -> float:
    return math.sqrt(summed / n) / mean
