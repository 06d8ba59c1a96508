"""Where a node lies between the root (0) and the farthest tip (1), and the marks of that scale."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.phylo.annotated import Annotated
from app.phylo.paths import depths
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
MONTH = 1 / 12
# Steps between years that people read at a glance.
STEPS = (MONTH, 0.25, 0.5, *(digit * 10.0**power for power in range(7) for digit in (1, 2, 5)))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Scale:
    """Places of nodes along the tree.

    at: (nodes,) in [0, 1].
    kind: "years", "lengths", or "levels" where every length is zero and only order can be shown.
    start, span: the value at 0 and how much lies between 0 and 1.
    """

    at: F64
    kind: str
    start: float
    span: float


def scale_of(annotated: Annotated, by_date: bool) -> Scale:
    """Choose years where every node has a date (and `by_date`), else lengths, else levels."""
    if by_date and annotated.is_dated and annotated.dates is not None:
        start = float(annotated.dates.min())
        span = float(annotated.dates.max()) - start
        if span > 0:
            return Scale((annotated.dates - start) / span, "years", start, span)
    depth = depths(annotated.tree)
    span = float(depth.max())
    if span > 0:
        return Scale(depth / span, "lengths", 0.0, span)
    return Scale(_levels(annotated.tree), "levels", 0.0, 0.0)


def year_ticks(scale: Scale, pixels: float, apart: float = 40.0) -> list[tuple[float, str]]:
    """Return the places in [0, 1] and the names of round dates.

    Years are at least `apart` pixels apart; parts of years, whose names are longer, twice that.
    """
    fitting = (
        step for step in STEPS if step / scale.span * pixels >= apart * (1 if step >= 1 else 2)
    )
    step = next(fitting, STEPS[-1])
    first = math.ceil(scale.start / step - 1e-6)
    last = math.floor((scale.start + scale.span) / step + 1e-6)
    dates = [number * step for number in range(first, last + 1)]
    return [((date - scale.start) / scale.span, _date(date, step)) for date in dates]


def round_length(aim: float) -> float:
    """Return the largest of 1, 2 or 5 times a power of ten that is not above `aim`."""
    power = 10.0 ** math.floor(math.log10(aim))
    return max(step * power for step in (1, 2, 5) if step * power <= aim * (1 + 1e-9))


def _date(date: float, step: float) -> str:
    if step >= 1:
        return f"{date:.0f}"
    month = round((date - math.floor(date + 1e-6)) * 12)
    return f"{MONTHS[month % 12]} {math.floor(date + 1e-6)}"


def _levels(tree: Tree) -> F64:
    """Tips at 1, every inner node below its highest child, evenly."""
    height = np.zeros(tree.n_nodes)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        height[parent] = max(height[parent], height[node] + 1)
    result: F64 = 1 - height / max(float(height.max()), 1.0)
    return result
