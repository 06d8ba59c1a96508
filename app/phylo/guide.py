"""A tree taken further: many more tips, each placed without regard to the others."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from app.phylo.placement import NEAR, Placement, Standing, grafted
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Vectors = NDArray[np.floating]
# Distances of some rows to others: (p,) and (q,) row numbers to (p, q).
Between = Callable[[I64, I64], F64]

# Rows that are searched for their nearest ones at a time, and that are placed at a time: those
# share most of their nearest tips, and all of their anchors.
SEARCHED = 256
GROUP = 32
PLACED = 64


def extended(tree: Tree, rows: I64, more: I64, vectors: Vectors, between: Between) -> Tree:
    """Return a tree with the rows `more` as further tips, in an order of its own.

    Tip i of `tree` is row `rows[i]`; the tips of the result carry row numbers for labels.
    `vectors` (n, d): rows that are near each other (Euclidean) are proposed as relatives.
    Time O(tips * more * d). Raises InputError `bad_distances`.
    """
    standing = Standing(tree)
    near = _nearest(vectors, rows, more)
    # Neighbours in the tree come after each other, so that they share what they are compared to.
    order = np.argsort(np.argsort(standing.depth_first)[near[:, 0]], kind="stable")
    placements = list(_placed(standing, between, rows, more[order], near[order]))
    return grafted(tree, placements, [str(row) for row in more[order]])


def _nearest(vectors: Vectors, rows: I64, more: I64) -> I64:
    """For each of `more` the places in `rows` of its NEAR nearest, the nearest first.

    The nearest k lie in the k groups whose best are nearest: to look for those first is faster.
    """
    wide = -(-len(rows) // GROUP)
    known = np.zeros((wide * GROUP, vectors.shape[1]), dtype=np.float32)
    known[: len(rows)] = vectors[rows]
    offsets = np.full(len(known), np.inf, dtype=np.float32)
    offsets[: len(rows)] = (known[: len(rows)] ** 2).sum(axis=1) / 2
    known *= -1
    near = np.empty((len(more), min(NEAR, len(rows))), dtype=np.int64)
    for top in range(0, len(more), SEARCHED):
        apart = vectors[more[top : top + SEARCHED]].astype(np.float32) @ known.T
        apart += offsets
        groups = apart.reshape(-1, wide, GROUP).min(axis=2)
        best = np.argpartition(groups, min(NEAR, wide) - 1, axis=1)[:, :NEAR]
        columns = (best[:, :, None] * GROUP + np.arange(GROUP)).reshape(len(apart), -1)
        order = np.argsort(np.take_along_axis(apart, columns, 1), axis=1, kind="stable")
        near[top : top + SEARCHED] = np.take_along_axis(columns, order, 1)[:, : near.shape[1]]
    return near


def _placed(
    standing: Standing, between: Between, rows: I64, more: I64, near: I64
) -> Iterator[Placement]:
    anchors = standing.anchors()
    for top in range(0, len(more), PLACED):
        block = near[top : top + PLACED]
        tips = np.union1d(block, anchors)
        distances = between(more[top : top + PLACED], rows[tips])
        for found, own in zip(distances, block, strict=True):
            chosen = np.searchsorted(tips, np.union1d(own, anchors))
            yield standing.place(found[chosen], tips[chosen])
