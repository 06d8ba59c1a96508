"""The loop of neighbour joining: rows are searched only where their bound says it may matter.

After the dynamic neighbour joining of Clausen (2023, Bioinformatics 39, btac774). The pair to
join has the least d(i, j) - u(i) - u(j) with u = (row sum) / (n - 2). Each row keeps the least
d(i, j) - u(j) of the time when it was searched last. Since then every u(j) has risen by at most
the sum of the largest rises of each join, so that number less this sum is a lower bound, and
most rows need not be read.

Every number that decides is computed as in scikit-bio 0.7.4 `nj`, operation by operation, and
ties are decided as there, so both join the same pairs to the last bit; only bounds are rounded
otherwise, and SLACK covers that.
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLACK = 1e-9  # of the largest distance, on bounds: n = 20,000 joins round by less than 1e-10
LANES = 32  # running minima side by side: one alone would wait for itself
NUMPY_LANES, NUMPY_BLOCK = 8, 128  # how numpy sums (pairwise_sum)


@compiled
def join(work: Floats, parents: Ints, lengths: Floats) -> None:
    """Join n >= 3 rows until three are left, and hang these from the root.

    work: (n, n), symmetric to the last bit, zero diagonal; it is used up. parents and lengths:
    (2 n - 2,), filled in: the t-th join makes node n + t, the root is last; lengths may be
    negative. Time O(n^2) to O(n^3), depending on how well the bounds hold.
    """
    n = len(work)
    sums = column_sums(work)
    nodes = np.arange(n)  # which node each row stands for
    bounds = np.full(n, -np.inf)  # lower bounds of d(i, j) - u(j) over j > i, plus `risen`
    loose = np.array([0.0, largest(work)])  # how far u may have risen in all; largest distance
    for left in range(n, 3, -1):
        i, j = nearest_pair(work[:left, :left], sums, bounds, loose)
        node, half = 2 * n - left, work[i, j] / 2
        shift = (sums[i] - sums[j]) / (2 * left - 4)
        parents[nodes[i]] = parents[nodes[j]] = node
        lengths[nodes[i]], lengths[nodes[j]] = half + shift, half - shift
        merge_rows(work[:left, :left], i, j, sums, loose)
        nodes[i], nodes[j] = node, nodes[left - 1]
        bounds[i] = bounds[j] = -np.inf
        write_columns(work[: left - 1, : left - 1], i, j, (sums, bounds), loose)
    first = (work[0, 1] + work[0, 2] - work[1, 2]) / 2
    parents[nodes[:3]] = 2 * n - 3
    lengths[nodes[0]] = first
    lengths[nodes[1]], lengths[nodes[2]] = work[0, 1] - first, work[0, 2] - first


@compiled
def nearest_pair(work: Floats, sums: Floats, bounds: Floats, loose: Floats) -> tuple[int, int]:
    """Return the pair (i, j), i < j, that a search of the whole upper triangle finds.

    That search goes through the rows in order and takes a pair only if it is better, in rounded
    numbers, than the best before it. Rows that are worse than the best by far more than
    rounding cannot change what it ends with, so the same is done over the others alone.
    """
    n = len(work)
    rows, least, count = rows_near_best(work, sums, bounds, loose)
    row, best = 0, np.inf
    for k in range(count):
        if least[k] < best + sums[rows[k]]:
            row, best = rows[k], least[k] - sums[rows[k]]
            found = least[k]
    column = row + 1
    while work[row, column] * (n - 2.0) - sums[column] != found:
        column += 1
    return row, column


@compiled
def rows_near_best(
    work: Floats, sums: Floats, bounds: Floats, loose: Floats
) -> tuple[Ints, Floats, int]:
    """Search every row that may hold the best pair; tighten the bounds of these rows.

    Returns rows in order, their least (n - 2) d(i, j) - sum(j) over j > i, and how many.
    """
    n = len(work)
    scale, risen, slack = n - 2.0, loose[0], SLACK * loose[1]
    promising = 0
    for i in range(1, n - 1):
        if bounds[i] - sums[i] / scale < bounds[promising] - sums[promising] / scale:
            promising = i
    best = (least_of_row(work, promising, sums) - sums[promising]) / scale
    rows, least, count = np.empty(n, np.int64), np.empty(n), 0
    for i in range(n - 1):
        if bounds[i] - risen - sums[i] / scale > best + slack:
            continue
        value = least_of_row(work, i, sums)
        bounds[i] = value / scale + risen
        here = (value - sums[i]) / scale
        if here <= best + slack:
            rows[count], least[count] = i, value
            count += 1
            best = min(best, here)
    return rows, least, count


@compiled
def least_of_row(work: Floats, i: int, sums: Floats) -> float:
    """Return the least (n - 2) d(i, j) - sum(j) over j > i."""
    n = len(work)
    row, scale, lanes = work[i], n - 2.0, np.full(LANES, np.inf)
    start = i + 1
    while start + LANES <= n:
        part, theirs = row[start : start + LANES], sums[start : start + LANES]
        for k in range(LANES):
            lanes[k] = min(lanes[k], part[k] * scale - theirs[k])
        start += LANES
    least = np.inf
    for k in range(LANES):
        least = min(least, lanes[k])
    for j in range(start, n):
        least = min(least, row[j] * scale - sums[j])
    return least


@compiled
def merge_rows(work: Floats, i: int, j: int, sums: Floats, loose: Floats) -> None:
    """Put the joined node into row i, the last row into row j, and bring sums up to date.

    Columns still wait. loose[0] grows by the largest rise of u(k) = sum(k) / (rows - 2).
    """
    n = len(work)
    last, half, rise = n - 1, work[i, j] / 2, -np.inf
    for k in range(n):
        mean = (work[i, k] + work[j, k]) / 2
        less = sums[k] - mean - half
        if k not in (i, j):
            rise = max(rise, less / (n - 3.0) - sums[k] / (n - 2.0))
        sums[k] = less
        work[i, k] = mean - half
    loose[0] += rise
    work[i, i], work[i, j] = 0.0, work[i, last]
    work[j, :last] = work[last, :last]
    work[j, i], work[j, j] = work[i, j], 0.0
    sums[j] = sums[last]
    sums[i] = pairwise_sum(work[i, :last])


@compiled
def write_columns(
    work: Floats, i: int, j: int, known: tuple[Floats, Floats], loose: Floats
) -> None:
    """Make columns i and j equal to their rows, and lower the bounds that this may break."""
    sums, bounds = known
    n, risen, largest_yet = len(work), loose[0], loose[1]
    own, moved = sums[i] / (n - 2.0), 0.0
    if j < n:
        moved = sums[j] / (n - 2.0)
    for k in range(n):
        joined = work[i, k]
        work[k, i] = joined
        largest_yet = max(largest_yet, abs(joined))
        if k < i:
            bounds[k] = min(bounds[k], joined - own + risen)
        if j < n:
            other = work[j, k]
            work[k, j] = other
            if k < j:
                bounds[k] = min(bounds[k], other - moved + risen)
    loose[1] = largest_yet


@compiled
def column_sums(work: Floats) -> Floats:
    """Return the sum of every column, row after row, as numpy adds along the first axis."""
    sums = np.zeros(len(work))
    for i in range(len(work)):
        sums += work[i]
    return sums


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


@compiled
def largest(work: Floats) -> float:
    """Return the largest absolute number."""
    found = 0.0
    for row in work:
        for number in row:
            found = max(found, abs(number))
    return found
