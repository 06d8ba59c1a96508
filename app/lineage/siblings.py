"""Siblings, and copies of the parent, that look nearer to a child than its parent does.

Models that learned alike drift alike, so that the nearest relative that came earlier may stand
beside the way from the parent to the child. If it lay on the way, the parent would be farther from
the child by as much as the two are apart; noise, and what siblings have in common, blur that.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

# Models so near each other (one less their correlation) cannot be told apart by their children:
# the copy of a model in 8 bits is ten times nearer to it. People go on from the original.
SAME = 0.001

# The part of the distance between an earlier model and a nearer one by which it must at least be
# farther from the child, for the nearer one to lie on the way. Among the relatives that came first,
# it puts the parent first for 0.96 of the children of six nurseries, whatever reference they are
# read with (0.93 at least), for 0.93 (0.83) when nobody is passed over; any part from 0.2 to 0.5
# does nearly as well.
ON_THE_WAY = 1 / 3


def passed_over(
    nearest: T,
    others: Sequence[T],
    distance: Callable[[T], float],
    apart: Callable[[T, T], float | None],
) -> T:
    """Return the likeliest parent: the nearest, or who was there before it and it stands beside.

    `distance` is that from the child; `apart(a, b)` is the distance between two, None unless a
    was there before b. Each step goes to an earlier one, so there is an end.
    """
    while True:
        earlier = [one for one in others if _stands_beside(nearest, one, distance, apart)]
        if not earlier:
            return nearest
        nearest = min(earlier, key=distance)


def _stands_beside(
    near: T, early: T, distance: Callable[[T], float], apart: Callable[[T, T], float | None]
) -> bool:
    between = apart(early, near)
    if between is None:
        return False
    return between < SAME or distance(early) - distance(near) < ON_THE_WAY * between
