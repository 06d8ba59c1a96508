"""A leaf: which index holds how many vectors, and what is read of it. All was measured.

Brownian vectors of 128 numbers along a birth-death tree, one thread, k = 51, recall of the exact
first ten (docs/scaling.md has the table; `python -m benchmarks scale` measures it again).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Up to `most` vectors lie in `lists` lists, of which a search reads `probed`."""

    most: int
    lists: int
    probed: int


# To 30,000 vectors looking at all takes less than half a millisecond, and is exact.
FLAT_MOST = 30_000
# About two to four times the root of n lists: more of them search no faster, since their
# centroids must be read as well, and take longer to train (1,000,000 vectors: 1024 lists 6 s and
# 89 us, 2048 lists 16 s and 68 us, 4096 lists 34 s and 60 us). Four lists read: two give a
# recall of 0.990 to 0.998, four 0.9985 to 1, eight no more.
SHAPES = (
    Shape(most=300_000, lists=512, probed=4),
    Shape(most=3_000_000, lists=2048, probed=4),
    Shape(most=30_000_000, lists=8192, probed=8),
)
# Vectors that centroids are trained on, for each list; more moves recall by less than 0.1 %.
TRAINED = 64

# Filters, by the share that they leave. Below the first, its rows are looked up one by one
# (0.8 us each); below the second, all lists are read and what was left out is skipped (4 ns a
# vector): both are exact. Above it, lists by the share, so that about as many rows that passed are
# seen as without a filter, times WIDENING: a family is no random sample, and lists that are near
# hold few of another's rows. All lists again where that finds too few.
GATHERED = 0.004
EVERYTHING = 0.15
WIDENING = 8

# Withdrawn vectors are skipped in twice as many lists as would be read else: what lies around a
# question may be withdrawn together. With 10, 1,000 and 10,000 of 100,000 withdrawn, at random or
# around one vector, a search takes 70 us instead of 35 and finds 0.995 to 1 of the first ten; in
# as many lists 50 us and 0.993; with WIDENING 180 us and 0.996.
WITHDRAWN_WIDENING = 2

# Newer vectors than the main index holds lie in flat ones beside it, which are read whole. When
# they are more than this share of it (and more than FLAT_MOST), a new main index is built.
TAIL_SHARE = 1 / 16


def shape_for(n: int) -> Shape:
    """The shape of an index over n vectors, more than FLAT_MOST."""
    return next((shape for shape in SHAPES if n <= shape.most), SHAPES[-1])
