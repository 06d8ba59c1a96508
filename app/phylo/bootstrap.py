"""Bootstrap support: how far replicates of the data bear out each branch of a tree."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.spans import spans
from app.phylo.tree import Tree

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
    rng = np.random.default_rng(seed)
    branches = _branches(tree, rng.integers(1, 1 << 64, size=tree.n_tips, dtype=np.uint64))
    shown, moved = np.zeros(len(branches.splits)), np.zeros(len(branches.splits))
    apart = np.zeros(len(branches.splits), dtype=np.int64)
    count = 0
    for distances in replicates:
        _compare(distances, rng.permutation(tree.n_tips), branches, apart)
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
    """The m different splits of a tree that say something, and what tips are known by."""

    splits: U64
    spans: I64
    smaller: I64
    keys: U64
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
    return _Branches(splits, sides[chosen], smaller[chosen], keys, places, owners)


def _compare(distances: F64, order: I64, branches: _Branches, apart: I64) -> None:
    """Set `apart` (m,) to the transfer distances of the splits to one replicate's tree."""
    from app.phylo.kernels.transfer import replicate_transfers

    n = len(order)
    if distances.shape != (n, n):
        raise InputError("bad_distances", f"Give a row and a column for each of {n} tips.")
    tips = branches.keys, branches.places
    whole = np.ascontiguousarray(distances, dtype=np.float64)
    if len(apart) and not replicate_transfers(
        whole, order, tips, branches.splits, branches.spans, apart
    ):
        raise InputError(
            "bad_distances",
            "Give symmetric distances, finite and not negative, with zeros on the diagonal.",
        )
