"""A tanglegram: two trees face to face, turned so that the lines between their tips cross little.

Turning one tree while the other stands still is solved exactly: whether the lines of two tips
cross depends on one node only, their last common ancestor (Dwyer and Schreiber 2004; Fernau,
Kaufmann and Poths 2010). So the trees are turned in turn until nothing improves. For both at once
the problem is NP-hard; what is found is good, not always the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.phylo.order import drawn_order
from app.phylo.tree import Tree

I64 = NDArray[np.int64]
MOST_TURNS = 40  # Far more than it takes: most pairs of trees need four or five.


@dataclass(frozen=True)
class Tanglegram:
    """The tips of two trees from top to bottom, and how many pairs of lines cross.

    before: crossings of the trees as they came, `crossings` those that are left.
    """

    a: tuple[int, ...]
    b: tuple[int, ...]
    before: int
    crossings: int


def tanglegram(a: Tree, b: Tree) -> Tanglegram:
    """Turn the nodes of two trees over the same tips, numbered alike.

    Time O(n^2) for trees as deep as they have tips, O(n log^2 n) for others, a turn.
    """
    drawn = [drawn_order(tree, tree.children()) for tree in (a, b)]
    before = crossings(drawn[0], drawn[1])
    # Which tree is turned first decides where it ends: the better of both ends.
    ends = [_untangled((a, b), drawn, first) for first in (0, 1)]
    (above, under), left = min(ends, key=lambda end: end[1])
    return Tanglegram(tuple(above), tuple(under), before, left)


def _untangled(
    trees: tuple[Tree, Tree], drawn: Sequence[list[int]], first: int
) -> tuple[list[list[int]], int]:
    """Turn the trees in turn until nothing improves; return their orders and the crossings."""
    orders, below = list(drawn), [tree.children() for tree in trees]
    left = crossings(orders[0], orders[1])
    for turn in range(MOST_TURNS):
        side = (first + turn) % 2
        below[side] = _turned(trees[side], below[side], orders[1 - side])
        orders[side] = drawn_order(trees[side], below[side])
        now = crossings(orders[0], orders[1])
        if turn > 0 and now == left:
            break
        left = now
    return orders, left


def crossings(a: Sequence[int], b: Sequence[int]) -> int:
    """Return how many pairs of tips stand in one order in `a` and in the other in `b`."""
    rank = {tip: place for place, tip in enumerate(b)}
    return _inversions([np.array([rank[tip]]) for tip in a])


def _turned(tree: Tree, below: list[list[int]], other: Sequence[int]) -> list[list[int]]:
    """The children of each node in the order that crosses least, the other tree standing still.

    For two children that is exact; more are tried by their mean places (Sugiyama et al. 1981).
    """
    places: list[I64] = [np.empty(0, dtype=np.int64)] * tree.n_nodes
    for place, tip in enumerate(other):
        places[tip] = np.array([place])
    turned = [list(children) for children in below]
    for node in range(tree.n_tips, tree.n_nodes):
        children = turned[node]
        by_place = sorted(children, key=lambda child: float(places[child].mean()))
        orders = [children, children[::-1], by_place]
        turned[node] = min(
            orders, key=lambda order: _inversions([places[child] for child in order])
        )
        places[node] = np.sort(np.concatenate([places[child] for child in children]))
        for child in children:
            places[child] = places[child][:0]  # Not needed again, and long in deep trees.
    return turned


def _inversions(blocks: Sequence[I64]) -> int:
    """How many pairs of places in different blocks, each sorted, stand the wrong way round.

    Time O(n log^2 n): neighbouring blocks are counted and merged.
    """
    total, rest = 0, list(blocks)
    while len(rest) > 1:
        merged = []
        for above, under in zip(rest[::2], rest[1::2], strict=False):
            total += int(np.searchsorted(under, above).sum())
            merged.append(np.sort(np.concatenate([above, under])))
        rest = merged + rest[2 * len(merged) :]
    return total
