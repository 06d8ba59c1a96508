"""Which branches of a tree a replicate has too, and how far those are that it has not."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


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

    Time O(nodes) for each split that the replicate lacks, O(nodes log nodes) for all it has.
    """
    nodes, n = len(parents), len(keys)
    theirs = np.sort(hashed(parents, keys))
    below = np.zeros(nodes, np.int64)
    below[:n] = 1
    for node in range(nodes - 1):
        below[parents[node]] += below[node]
    inside = np.zeros(nodes, np.int64)
    for split in range(len(splits)):
        at = np.searchsorted(theirs, splits[split])
        if at < nodes and theirs[at] == splits[split]:
            moved[split] = 0
            continue
        low, high = spans[split, 0], spans[split, 1]
        inside[n:] = 0
        for tip in range(n):
            inside[tip] = low <= places[tip] < high
        least = n
        for node in range(nodes - 1):
            inside[parents[node]] += inside[node]
            apart = high - low + below[node] - 2 * inside[node]
            least = min(least, apart, n - apart)
        moved[split] = least
