"""Which branches of a tree a replicate has too, and how far those are that it has not."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled
from app.phylo.kernels.joining import join

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
U64 = NDArray[np.uint64]

LANES = 16


@compiled
def replicate_transfers(
    distances: F64, order: I64, tips: tuple[U64, I64], splits: U64, spans: I64, moved: I64
) -> bool:
    """Join a replicate in the given order of its tips and compare: see `transfers`.

    `distances` (n, n), n >= 4, and `tips`, the keys and places (n,), are in the order of the
    tree. Returns False where they are no distances: not symmetric, negative, not finite.
    """
    n = len(order)
    work = np.empty((n, n))
    for i in range(n):
        row, mirror = distances[order[i]], distances[:, order[i]]
        for j in range(n):
            value = row[order[j]]
            if not 0 <= value < np.inf or value != mirror[order[j]]:
                return False
            work[i, j] = value
        if work[i, i] != 0:
            return False
    parents = np.full(2 * n - 2, -1)
    join(work, parents, np.empty(2 * n - 2))
    keys, places = tips
    transfers(parents, keys[order], places[order], splits, spans, moved)
    return True


@compiled
def hashed(parents: I64, keys: U64) -> U64:
    """Return of every node the hash of the split above it, the same wherever the root is.

    `keys` (n,) are random, one a tip. The hash of a set of tips is the exclusive or of their
    keys; that of a split is the lower of its two sides'. Two of m different splits share one
    with a chance of about m^2 / 2^65.
    """
    nodes, n = len(parents), len(keys)
    found = np.zeros(nodes, np.uint64)
    found[:n] = keys
    for node in range(nodes - 1):
        found[parents[node]] ^= found[node]
    every = found[nodes - 1]
    for node in range(nodes):
        found[node] = min(found[node], found[node] ^ every)
    return found


@compiled
def transfers(parents: I64, keys: U64, places: I64, splits: U64, spans: I64, moved: I64) -> None:
    """Set `moved` (m,) to the transfer distance of m splits of a tree to a replicate.

    That is the least number of tips that must change sides until some branch of the replicate
    makes the split (Lemoine et al. 2018); 0 where it has the split.

    parents: (nodes,) of the replicate; keys, places: (n,) of its tips.
    splits: (m,) their hashes. spans: (m, 2); the tips with `low <= place < high` are one side.

    Time O(nodes) for each split that the replicate lacks, O(nodes log nodes) for the rest.
    """
    nodes, n = len(parents), len(keys)
    theirs = np.sort(hashed(parents, keys))
    below = np.zeros(nodes, np.int32)
    below[:n] = 1
    for node in range(nodes - 1):
        below[parents[node]] += below[node]
    lacking, count = np.empty(len(splits), np.int64), 0
    for split in range(len(splits)):
        at = np.searchsorted(theirs, splits[split])
        if at < nodes and theirs[at] == splits[split]:
            moved[split] = 0
        else:
            lacking[count] = split
            count += 1
    inside = np.empty((nodes, LANES), np.int32)
    for start in range(0, count, LANES):
        some = lacking[start : min(start + LANES, count)]
        _least_transfers(parents, below, places, spans[some], inside)
        moved[some] = inside[nodes - 1, : len(some)]


@compiled
def _least_transfers(parents: I64, below: I32, places: I64, spans: I64, inside: I32) -> None:
    """Leave the transfer distances of up to LANES splits in the root's row of `inside`.

    `below` (nodes,) counts the tips below each node. LANES splits go up the tree side by side,
    which a processor does about as fast as one.
    """
    nodes, n = len(parents), len(places)
    least, sizes = np.full(LANES, n, np.int32), np.zeros(LANES, np.int32)
    inside[:] = 0
    for lane in range(len(spans)):
        low, high = spans[lane]
        sizes[lane] = high - low
        for tip in range(n):
            inside[tip, lane] = low <= places[tip] < high
    for node in range(nodes - 1):
        row, above = inside[node], inside[parents[node]]
        size = below[node]
        for lane in range(LANES):
            above[lane] += row[lane]
            apart = sizes[lane] + size - np.int32(2) * row[lane]
            least[lane] = min(least[lane], apart, np.int32(n) - apart)
    inside[nodes - 1] = least
