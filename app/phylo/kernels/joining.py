"""The loop of neighbour joining: rows are searched only where what is known of them leaves doubt.

After the dynamic neighbour joining of Clausen (2023, Bioinformatics 39, btac774). The pair to
join has the least d(i, j) - u(i) - u(j) with u = (row sum) / (n - 2). Each row keeps its nearest
column by d(i, j) - u(j), and a bound on all the others: the second least of d(i, j) - v(j),
where v are the u of some time ago. As no u has risen by more than `risen` since, the others are
not below this bound less `risen`. So the least of most rows is known, and no number is read.

Every number that decides is computed as in scikit-bio 0.7.4 `nj`, operation by operation, and
ties are decided as there, so both join the same pairs to the last bit; only bounds are rounded
otherwise, and SLACK covers that.
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = tuple[Floats, Floats, Floats]  # sums, u, v
Rows = tuple[Floats, Ints, Floats]  # d to the nearest (infinite: none known), which, the bound

SLACK = 1e-9  # of the largest distance, on bounds: n = 20,000 joins round by less than 1e-10
EPOCHS = 64  # v is made anew whenever this part of the rows has been joined
LANES = 32  # running minima side by side: one alone would wait for itself
NUMPY_LANES, NUMPY_BLOCK = 8, 128  # how numpy sums (pairwise_sum)


@compiled
def join(work: Floats, parents: Ints, lengths: Floats) -> None:
    """Join n >= 3 rows until three are left, and hang these from the root.

    work: (n, n), symmetric to the last bit, zero diagonal; it is used up. parents and lengths:
    (2 n - 2,), filled in: the t-th join makes node n + t, the root is last; lengths may be
    negative. Time O(n^2) to O(n^3), depending on how often rows must be searched.
    """
    n = len(work)
    sums, largest = sums_and_largest(work)
    columns = (sums, sums / max(1, n - 2), sums / max(1, n - 2))
    rows = (np.full(n, np.inf), np.zeros(n, np.int64), np.full(n, -np.inf))
    nodes, risen, epoch = np.arange(n), 0.0, n - n // EPOCHS
    for left in range(n, 3, -1):
        i, j = nearest_pair(work, left, columns, rows, (risen, SLACK * largest))
        node, half = 2 * n - left, work[i, j] / 2
        shift = (sums[i] - sums[j]) / (2 * left - 4)
        parents[nodes[i]] = parents[nodes[j]] = node
        lengths[nodes[i]], lengths[nodes[j]] = half + shift, half - shift
        nodes[i], nodes[j] = node, nodes[left - 1]
        risen = merge_rows(work, left, (i, j), columns)
        largest = max(largest, write_columns(work, left - 1, i, j))
        follow_columns(work[i, :left], i, j, columns, rows)
        if left <= epoch:
            begin_epoch(columns, rows, risen, left - 1)
            risen, epoch = 0.0, left - max(1, left // EPOCHS)
    first = (work[0, 1] + work[0, 2] - work[1, 2]) / 2
    parents[nodes[:3]] = 2 * n - 3
    lengths[nodes[0]] = first
    lengths[nodes[1]], lengths[nodes[2]] = work[0, 1] - first, work[0, 2] - first


@compiled
def nearest_pair(
    work: Floats, n: int, columns: Columns, rows: Rows, doubt: tuple[float, float]
) -> tuple[int, int]:
    """Return the pair (i, j), i < j, that a search of the whole upper triangle of n rows finds.

    That search goes through the rows in order and takes a pair only if it is better, in rounded
    numbers, than the best before it. Rows that are worse than the best by far more than
    rounding cannot change what it ends with, so the same is done over the others alone.
    """
    sums, (risen, slack) = columns[0], doubt
    bounds, promising = bounds_of_rows(n, columns, rows, risen)
    nearest, best = np.full(n - 1, np.inf), np.inf
    for turn in range(n):
        i = turn - 1 if turn else promising
        if bounds[i] <= best + slack and (turn == 0 or i != promising):
            nearest[i] = least_of_row(work[i, :n], i, columns, rows, doubt)
            best = min(best, (nearest[i] - sums[i]) / (n - 2.0))
    row, least, found = 0, np.inf, 0.0
    for i in range(n - 1):
        if nearest[i] < least + sums[i]:
            row, least, found = i, nearest[i] - sums[i], nearest[i]
    column = row + 1
    while work[row, column] * (n - 2.0) - sums[column] != found:
        column += 1
    return row, column


@compiled
def bounds_of_rows(n: int, columns: Columns, rows: Rows, risen: float) -> tuple[Floats, int]:
    """Return what no pair of a row is below, and the row where that is least."""
    u, (near, which, bound) = columns[1], rows
    bounds, promising, least = np.empty(n - 1), 0, np.inf
    for i in range(n - 1):
        bounds[i] = min(near[i] - u[which[i]], bound[i] - risen) - u[i]
        if bounds[i] < least:
            promising, least = i, bounds[i]
    return bounds, promising


@compiled
def least_of_row(
    row: Floats, i: int, columns: Columns, rows: Rows, doubt: tuple[float, float]
) -> float:
    """Return the least (n - 2) d(i, j) - sum(j) over j > i; search for it only if need be."""
    (sums, u, _), (near, which, bound), (risen, slack) = columns, rows, doubt
    scale = len(row) - 2.0
    if near[i] - u[which[i]] + slack < bound[i] - risen:
        return float(near[i] * scale - sums[which[i]])
    least, column, bound[i] = search_row(row, i, columns)
    near[i], which[i] = row[column], column
    return least


@compiled
def search_row(row: Floats, i: int, columns: Columns) -> tuple[float, int, float]:
    """Return the least (n - 2) d(i, j) - sum(j) over j > i; where d - v is least; the second."""
    n, (sums, _, v) = len(row), columns
    scale, start = n - 2.0, i + 1
    leasts = np.full(LANES, np.inf)
    firsts, seconds = leasts.copy(), leasts.copy()
    while start + LANES <= n:
        end = start + LANES
        part, by_sum, by_v = row[start:end], sums[start:end], v[start:end]
        for k in range(LANES):
            leasts[k] = min(leasts[k], part[k] * scale - by_sum[k])
            value = part[k] - by_v[k]
            seconds[k] = min(seconds[k], max(firsts[k], value))
            firsts[k] = min(firsts[k], value)
        start = end
    least, first, second = np.inf, np.inf, np.inf
    for k in range(LANES):
        least = min(least, leasts[k])
        second = min(second, max(first, firsts[k]), seconds[k])
        first = min(first, firsts[k])
    for j in range(start, n):
        least = min(least, row[j] * scale - sums[j])
        second = min(second, max(first, row[j] - v[j]))
        first = min(first, row[j] - v[j])
    column = i + 1
    while row[column] - v[column] != first:
        column += 1
    return least, column, second


@compiled
def merge_rows(work: Floats, n: int, pair: tuple[int, int], columns: Columns) -> float:
    """Put the joined node into row i, the last row into row j, and bring sums up to date.

    Columns of `work` still wait. Returns by how much a u has risen above its v at most.
    """
    (sums, u, v), (i, j) = columns, pair
    last, half, risen = n - 1, work[i, j] / 2, 0.0
    one, other = work[i], work[j]
    for k in range(n):
        mean = (one[k] + other[k]) / 2
        sums[k] = sums[k] - mean - half
        one[k] = mean - half
        u[k] = sums[k] / (n - 3.0)
    u[i], u[j] = v[i], v[j]
    for k in range(n):
        risen = max(risen, u[k] - v[k])
    one[i], one[j] = 0.0, one[last]
    other[:last] = work[last, :last]
    other[i], other[j] = one[j], 0.0
    sums[j], u[j], v[j] = sums[last], u[last], v[last]
    sums[i] = pairwise_sum(one[:last])
    u[i] = v[i] = sums[i] / (n - 3.0)
    return risen


@compiled
def write_columns(work: Floats, n: int, i: int, j: int) -> float:
    """Make columns i and j equal to their rows; returns the largest distance to the new node."""
    one, other, largest = work[i], work[j], 0.0
    for k in range(n):
        distance = one[k]
        work[k, i] = distance
        work[k, j] = other[k]
        largest = max(largest, abs(distance))
    return largest


@compiled
def follow_columns(joined: Floats, i: int, j: int, columns: Columns, rows: Rows) -> None:
    """Bring what is known of rows up to date; `joined` is row i, and its last moved to j."""
    v, (near, which, bound) = columns[2], rows
    last = len(joined) - 1
    for k in range(last):
        if which[k] in (i, j) or (which[k] == last and k >= j):
            near[k], which[k] = np.inf, 0  # joined, or now a matter of row j
        elif which[k] == last:
            which[k] = j
        if k < i:
            value, nearest = joined[k] - v[i], near[k] - v[which[k]]
            bound[k] = min(bound[k], max(value, nearest))
            if value < nearest:
                near[k], which[k] = joined[k], i
    for k in (i, j):
        near[k], which[k], bound[k] = np.inf, 0, -np.inf


@compiled
def begin_epoch(columns: Columns, rows: Rows, risen: float, n: int) -> None:
    """Measure from now on what u have risen by."""
    _, u, v = columns
    bound = rows[2]
    for k in range(n):
        bound[k] -= risen
        v[k] = u[k]


@compiled
def sums_and_largest(work: Floats) -> tuple[Floats, float]:
    """Return the sum of each column, added row after row as numpy does; the largest number."""
    sums, largest = np.zeros(len(work)), 0.0
    for i in range(len(work)):
        for j in range(len(work)):
            sums[j] += work[i, j]
            largest = max(largest, abs(work[i, j]))
    return sums, largest


@compiled
def pairwise_sum(numbers: Floats) -> float:
    """Return the sum of a contiguous vector, rounded as numpy rounds it.

    Which is as scikit-bio does: eight running sums within 128 numbers, halves beyond.
    """
    n = len(numbers)
    if n > NUMPY_BLOCK:
        half = n // 2 - n // 2 % NUMPY_LANES
        return pairwise_sum(numbers[:half]) + pairwise_sum(numbers[half:])
    whole = n - n % NUMPY_LANES
    total = 0.0
    if whole:
        lanes = numbers[:NUMPY_LANES].copy()
        for start in range(NUMPY_LANES, whole, NUMPY_LANES):
            lanes += numbers[start : start + NUMPY_LANES]
        low = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
        total = low + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for k in range(whole, n):
        total += numbers[k]
    return total
