"""Bootstrap support: how far replicates of the data bear out each branch of a tree."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.spans import spans
from app.phylo.tree import NO_PARENT, Tree

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Support of the branch above each node, (nodes,) in [0, 1]; NaN where a branch splits off
    one tip or none.

    shares: the share of the replicates that have the split (Felsenstein 1985).
    transfer: transfer bootstrap expectation (Lemoine et al. 2018, Nature 556:452): one less the
        mean share of the tips of the smaller side, less one, that must change sides. Never below
        the share; it stays high where a few tips of a large clade are at odds.
    """

    shares: F64
    transfer: F64
    replicates: int


def bootstrap(tree: Tree, replicates: Iterable[F64], seed: int = 0) -> Bootstrap:
    """Join each replicate's distances, (n, n) in the order of the tree's tips, and compare.

    The root of the tree does not matter, nor does the order of the tips but where distances
    tie: each replicate is joined in an order of its own, so that what is equally near is joined
    by chance, and an order of the rows never looks like support. One replicate is held at a time.
    Time O(n^2) to O(n^3) a replicate for joining and O(n) for each branch that it lacks: there
    is no number of tips up to which neighbour joining goes and this does not.

    Raises InputError `no_replicates` or `bad_distances`.
    """
    from app.phylo.kernels.transfer import transfers

    n = tree.n_tips
    rng = np.random.default_rng(seed)
    keys = rng.integers(1, 1 << 64, size=n, dtype=np.uint64)
    branches = _branches(tree, keys)
    shown, moved = np.zeros(len(branches.splits)), np.zeros(len(branches.splits))
    apart = np.zeros(len(branches.splits), dtype=np.int64)
    count = 0
    for distances in replicates:
        order = rng.permutation(n)
        parents = _joined(distances, order)
        arrays = (keys[order], branches.places[order], branches.splits, branches.spans)
        transfers(parents, *arrays, apart)
        shown += apart == 0
        moved += apart
        count += 1
    if not count:
        raise InputError("no_replicates", "Give the distances of one replicate at least.")
    return Bootstrap(
        branches.spread(shown / count),
        branches.spread((count - moved / np.maximum(branches.smaller - 1, 1)) / count),
        count,
    )


@dataclass(frozen=True, eq=False)
class _Branches:
    """The different splits of a tree: of each its hash, its tips as places, its smaller side."""

    splits: U64
    spans: I64
    smaller: I64
    places: I64
    which: I64  # (nodes,) the split above each node; -1 for none

    def spread(self, values: F64) -> F64:
        """Values of splits (m,) to those of nodes."""
        found = np.full(len(self.which), np.nan)
        found[self.which >= 0] = values[self.which[self.which >= 0]]
        return found


def _branches(tree: Tree, keys: U64) -> _Branches:
    from app.phylo.kernels.transfer import hashed

    sides, places = spans(tree)
    sizes = sides[:, 1] - sides[:, 0]
    smaller = np.minimum(sizes, tree.n_tips - sizes)
    inner = np.flatnonzero(smaller >= 2)
    splits, first, which = np.unique(
        hashed(tree.parents, keys)[inner], return_index=True, return_inverse=True
    )
    owners = np.full(tree.n_nodes, -1)
    owners[inner] = which
    chosen = inner[first]
    return _Branches(splits, sides[chosen], smaller[chosen], places, owners)


def _joined(distances: F64, order: I64) -> I64:
    """The parents of the neighbour-joining tree whose tip i is row `order[i]`."""
    from app.phylo.kernels.joining import join

    n = len(order)
    if distances.shape != (n, n):
        raise InputError("bad_distances", f"Give a row and a column for each of {n} tips.")
    if not (distances.min() >= 0 and np.isfinite(distances.max())):
        raise InputError("bad_distances", "Give distances that are finite and not negative.")
    if distances.diagonal().any() or not np.array_equal(distances, distances.T):
        raise InputError("bad_distances", "Give a symmetric matrix with zeros on its diagonal.")
    parents = np.array([*[n] * n, NO_PARENT]) if n < 4 else np.full(2 * n - 2, NO_PARENT)
    if n >= 4:
        join(distances[order][:, order], parents, np.empty(len(parents)))
    return parents
