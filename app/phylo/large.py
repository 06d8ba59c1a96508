"""Trees of more tips than a matrix can hold, by divide and conquer, in rounds.

It starts from the exact tree of a few tips. In each round three times as many tips as there are
get places in the tree (see `guide`), which is then cut into regions that are joined anew (see
`rejoining`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.guide import Between, Vectors, extended
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rejoining import among, rejoined
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

LEAST_REGION = 8  # then two tips or more can always be cut off a region that is too large


@dataclass(frozen=True)
class Sizes:
    """How a large tree is divided.

    first: tips that are joined at once to start with. region: tips that are joined at once
    later, at most. growth: how many times as many tips a tree has after a round.
    """

    first: int = 2000
    region: int = 1000
    growth: int = 4


def large_tree(
    labels: Sequence[str],
    vectors: Vectors,
    between: Between,
    seed: int,
    sizes: Sizes | None = None,
) -> Tree:
    """Return the unrooted tree of n tips; tip i is `labels[i]` and row i.

    `vectors` (n, d) propose relatives: rows that are near each other in the straight line. For
    cosines give unit rows. `between(a, b)`, of row numbers (p,) and (q,), gives distances
    (p, q) and is asked for one to two thousand a tip, never for all. In which order tips come is
    drawn by `seed`: the same arguments give the same tree, another seed one as good.

    Additive distances give their tree if the near tips and the anchors surround the place of
    each tip, and no cut falls among tips that were placed at one point. Noisy ones that grow
    with the path give a better tree than neighbour joining of all at once: a region hears of
    what is far away from its nearest witnesses only. Where nearly all are equally far from
    each other, the tree is worse by a few percent of its quartets: larger regions help.

    Time O(n^2 d / growth) for proposals and O(n (region + d)) for the rest, memory
    O(n + region^2) beside `vectors`.

    Raises InputError `bad_distances`, `bad_vectors` or `bad_sizes`.
    """
    sizes = Sizes() if sizes is None else sizes
    _check(labels, vectors, sizes)
    between = _checked(between)
    order = np.random.default_rng(seed).permutation(len(labels))
    rows = order[: sizes.first]
    tree = neighbour_joining(among(between, rows), [str(row) for row in rows], overwrite=True)
    while len(rows) < len(order):
        more = order[len(rows) : sizes.growth * len(rows)]
        guide = extended(tree, rows, more, vectors, between)
        rows = np.array(guide.labels, dtype=np.int64)
        tree = rejoined(guide, rows, between, sizes.region)
    nodes = np.arange(tree.n_nodes)
    nodes[: len(rows)] = np.argsort(rows)
    return Tree(tuple(labels), tree.parents[nodes], tree.lengths[nodes])


def _checked(between: Between) -> Between:
    def checked(a: I64, b: I64) -> F64:
        found = np.asarray(between(a, b), dtype=np.float64)
        if found.shape != (len(a), len(b)):
            raise InputError("bad_distances", "Give a distance of each row to each other row.")
        if not np.isfinite(found).all() or (found < 0).any():
            raise InputError("bad_distances", "Give distances that are finite and not negative.")
        return found

    return checked


def _check(labels: Sequence[str], vectors: Vectors, sizes: Sizes) -> None:
    if vectors.ndim != 2 or len(vectors) != len(labels) or not len(labels):
        raise InputError("bad_vectors", f"Give one vector for each of {len(labels)} tips.")
    if not np.isfinite(vectors).all():
        raise InputError("bad_vectors", "Give vectors of finite numbers.")
    if sizes.first < 2 or sizes.region < LEAST_REGION or sizes.growth < 2:
        raise InputError(
            "bad_sizes", f"Give sizes of at least 2 tips, {LEAST_REGION} a region, growth 2."
        )
