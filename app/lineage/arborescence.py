"""Minimum-cost arborescences: every node gets one parent, nobody descends from himself.

Chu and Liu (1965), Edmonds (1967): take each node's cheapest parent; where that makes a circle,
make the circle one node, into which an edge costs what it costs more than the edge that it
replaces; repeat, then open the circles again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.families import connected

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]

ROOT = -1


@dataclass(frozen=True, eq=False)
class _Edges:
    """The cheapest edges among m nodes, each of which may be a circle that was closed.

    `costs` (m + 1, m): of the edge from a row to a column; the last row is the root. `joins`
    (m + 1, m): which two of the n first nodes it joins, parent * n + child. `nodes` (n,) says
    where each of the first nodes is now.
    """

    costs: F64
    joins: I64
    nodes: I64


def arborescence(costs: F64) -> I64:
    """The parent of each of n nodes, (n,), ROOT for those that have none: the least sum of costs.

    `costs` (n + 1, n): of the edge from a row to a column, infinite where there is none; the last
    row is what it costs to have no parent, which must be finite. Among m nodes that edges join
    O(m^2) a round; a round closes all circles there are, so that there are about log m. Dense
    numpy and not `networkx.minimum_spanning_arborescence`, which finds the same and takes 10 s
    for 100 nodes.
    """
    n = costs.shape[1]
    found = np.full(n, ROOT)
    near = np.isfinite(costs[:n])
    labels = connected(near | near.T)
    for label in np.flatnonzero(np.bincount(labels, minlength=1) > 1):
        some = np.flatnonzero(labels == label)
        parents = _among(costs[np.ix_(np.append(some, n), some)])
        found[some] = np.where(parents == len(some), ROOT, some[parents.clip(max=len(some) - 1)])
    return found


def _among(costs: F64) -> I64:
    """The parents of nodes that edges join; n for those that have none."""
    n = costs.shape[1]
    levels, chosen = [_first(costs)], []
    while True:
        best = np.asarray(levels[-1].costs.argmin(axis=0), dtype=np.int64)
        chosen.append(levels[-1].joins[best, np.arange(len(best))])
        circles = list(_circles(best))
        if not circles:
            break
        levels.append(_closed(levels[-1], best, circles))
    joins = chosen.pop()
    for level, own in zip(levels[-2::-1], chosen[::-1], strict=True):
        own[level.nodes[joins % n]] = joins
        joins = own
    parents: I64 = joins // n
    return parents


def _first(costs: F64) -> _Edges:
    n = costs.shape[1]
    free = costs.copy()
    np.fill_diagonal(free[:n], np.inf)
    return _Edges(free, np.arange(free.size, dtype=np.int64).reshape(free.shape), np.arange(n))


def _circles(best: I64) -> Iterator[list[int]]:
    """The circles of a graph in which each node has one parent; the root is len(best)."""
    met = np.zeros(len(best) + 1, dtype=np.int64)
    met[-1] = -1
    for start in range(len(best)):
        path, node = [], start
        while not met[node]:
            met[node] = start + 1
            path.append(node)
            node = int(best[node])
        if met[node] == start + 1:
            yield path[path.index(node) :]


def _closed(edges: _Edges, best: I64, circles: Sequence[list[int]]) -> _Edges:
    """Each circle as one node, behind all others."""
    m = len(best)
    inside = np.array([node for circle in circles for node in circle])
    spared = np.zeros(m)
    spared[inside] = edges.costs[best[inside], inside]
    outside = np.setdiff1d(np.arange(m), inside)
    into, joins = edges.costs - spared, edges.joins
    into, joins = _least(into, joins, outside, circles)
    into, joins = _least(into.T, joins.T, np.append(outside, m), circles)
    # The root, which is no circle, stays last.
    order = [*range(len(outside)), *range(len(outside) + 1, len(into.T)), len(outside)]
    costs, joins = into.T[order], joins.T[order]
    np.fill_diagonal(costs[:-1], np.inf)
    nodes = np.empty(m, dtype=np.int64)
    nodes[outside] = np.arange(len(outside))
    for place, circle in enumerate(circles, len(outside)):
        nodes[circle] = place
    return _Edges(costs, joins, nodes[edges.nodes])


def _least(costs: F64, joins: I64, outside: I64, circles: Sequence[list[int]]) -> tuple[F64, I64]:
    """The columns `outside`, and for each circle the least of its own, row by row."""
    rows = np.arange(len(costs))
    found_costs, found_joins = [costs[:, outside]], [joins[:, outside]]
    for circle in circles:
        first = np.array(circle)[costs[:, circle].argmin(axis=1)]
        found_costs.append(costs[rows, first][:, None])
        found_joins.append(joins[rows, first][:, None])
    return np.hstack(found_costs), np.hstack(found_joins)
