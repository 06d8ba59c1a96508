"""The published search of rapidnj, as its authors describe it, by the compiler that we use.

Simonsen, Mailund and Pedersen (2008), "Rapid Neighbour-Joining", WABI: each row is sorted once
by distance; reading it from the nearest on, the search stops where even the largest u of all
could not make a better pair. Rows of joined nodes are sorted when they are made. As in the
authors' program dead entries are dropped from a row once there are many, and a row is only
compared with older rows.
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

MANY_DEAD = 30


@compiled
def join_as_published(work: Floats, parents: Ints, lengths: Floats) -> None:
    """Join all rows of `work`, (n, n) symmetric, which is used up; see `kernels.joining.join`."""
    n = len(work)
    near, whose, counts = sorted_rows(work)
    node_of, row_of = np.arange(n), np.full(2 * n, -1)  # -1: dead
    row_of[:n] = np.arange(n)
    sums = work.sum(axis=1)
    u = np.empty(n)
    for left in range(n, 3, -1):
        most = divergences(sums, node_of, left, u)
        i, j = search((near, whose), counts, (node_of, row_of), u, most)
        node, apart = 2 * n - left, work[i, j]
        parents[node_of[i]] = parents[node_of[j]] = node
        lengths[node_of[i]] = (apart + u[i] - u[j]) / 2
        lengths[node_of[j]] = (apart + u[j] - u[i]) / 2
        row_of[node_of[i]] = row_of[node_of[j]] = -1
        node_of[i], node_of[j] = node, -1
        merge(work, i, j, node_of, sums)
        row_of[node] = i
        counts[i] = sort_row(work[i], node_of, near[i], whose[i], i)
    a, b, c = [row for row in range(n) if node_of[row] >= 0]
    parents[node_of[a]] = parents[node_of[b]] = parents[node_of[c]] = 2 * n - 3
    lengths[node_of[a]] = (work[a, b] + work[a, c] - work[b, c]) / 2
    lengths[node_of[b]] = (work[a, b] + work[b, c] - work[a, c]) / 2
    lengths[node_of[c]] = (work[a, c] + work[b, c] - work[a, b]) / 2


@compiled
def sorted_rows(work: Floats) -> tuple[Floats, Counts, Ints]:
    """Sort what is left of the diagonal: distances, nodes, and how many, for each row."""
    n = len(work)
    near, whose = np.empty((n, n)), np.empty((n, n), np.int32)
    counts = np.arange(n)
    for i in range(n):
        order = np.argsort(work[i, :i])
        near[i, :i], whose[i, :i] = work[i, :i][order], order
    return near, whose, counts


@compiled
def sort_row(row: Floats, node_of: Ints, near: Floats, whose: Counts, i: int) -> int:
    """Sort the distances of the new node in row i to all others; returns how many."""
    count = 0
    nodes = np.empty(len(row), np.int32)
    for k in range(len(row)):
        if k != i and node_of[k] >= 0:
            near[count], nodes[count] = row[k], node_of[k]
            count += 1
    order = np.argsort(near[:count])
    near[:count] = near[:count][order]
    whose[:count] = nodes[:count][order]
    return count


@compiled
def divergences(sums: Floats, node_of: Ints, left: int, u: Floats) -> float:
    """Fill in u, the sum of each row over the number of rows less two; returns the largest."""
    most = -np.inf
    for i in range(len(sums)):
        if node_of[i] >= 0:
            u[i] = sums[i] / (left - 2)
            most = max(most, u[i])
    return most


@compiled
def search(
    entries: tuple[Floats, Counts],
    counts: Ints,
    numbering: tuple[Ints, Ints],
    u: Floats,
    most: float,
) -> tuple[int, int]:
    """Find the rows of the pair with the least d - u(i) - u(j)."""
    (near, whose), (node_of, row_of) = entries, numbering
    best, first, second = np.inf, -1, -1
    for i in range(len(u)):
        if node_of[i] < 0:
            continue
        dead, k = 0, 0
        while k < counts[i] and near[i, k] - u[i] - most < best:
            other = row_of[whose[i, k]]
            if other < 0:
                dead += 1
            elif near[i, k] - u[i] - u[other] < best:
                best, first, second = near[i, k] - u[i] - u[other], i, other
            k += 1
        if dead > MANY_DEAD:
            counts[i] = drop_dead(near[i], whose[i], counts[i], row_of)
    return first, second


@compiled
def drop_dead(near: Floats, whose: Counts, count: int, row_of: Ints) -> int:
    """Close the gaps that joined nodes left in a row; returns how many remain."""
    kept = 0
    for k in range(count):
        if row_of[whose[k]] >= 0:
            near[kept], whose[kept] = near[k], whose[k]
            kept += 1
    return kept


@compiled
def merge(work: Floats, i: int, j: int, node_of: Ints, sums: Floats) -> None:
    """Make row and column i those of the joined node, and bring the sums up to date."""
    apart, total = work[i, j], 0.0
    for k in range(len(work)):
        if node_of[k] < 0 or k == i:
            continue
        joined = (work[i, k] + work[j, k] - apart) / 2
        sums[k] += joined - work[i, k] - work[j, k]
        work[i, k] = work[k, i] = joined
        total += joined
    sums[i], work[i, i] = total, 0.0
