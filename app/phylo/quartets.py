"""Quartet accuracy: how often a tree keeps two pairs of relatives apart from each other.

Of four models a, b, c, d of which a, b are relatives, c, d are relatives, and none of a, b is any
relative of c or d, the true tree has the split ab|cd. Quartet accuracy is the share of such
quartets whose split a tree shows (or, of a matrix of distances, to which the four-point condition
leads: d(a,b) + d(c,d) is the least of the three sums). Unlike the share of true clades it asks
nothing of what nobody knows, how relatives branch among themselves. A quartet that a tree leaves
unresolved counts as wrong; one in three is right by chance.

The measure is that of quartet distances (Estabrook, McMorris & Meacham 1985), restricted to
quartets whose truth is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.spans import spans
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Pairs of pairs that are looked at: all, or so many drawn at random (a share of 0.9 is then
# known to 0.0003, far better than the families that there are tell it).
MOST = 1_000_000
# Sums of distances that are nearer to each other tie.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Quartets:
    """Quartets whose split is known, `members` (q, 4) int64: the true split is 0, 1 | 2, 3.

    They are all that there are, or a sample of them.
    """

    members: I64
    is_sample: bool

    def __len__(self) -> int:
        return len(self.members)


def known_quartets(related: Mask, apart: Mask, seed: int = 0, most: int = MOST) -> Quartets:
    """The quartets of n models, of which (n, n) symmetric masks say who is related, who surely not.

    Where there are more than `most` pairs of related pairs, so many are drawn with replacement;
    those that are not apart then fall out of the sample.
    """
    first, second = np.nonzero(np.triu(related, 1))
    n_pairs = len(first)
    n_both = n_pairs * (n_pairs - 1) // 2
    if n_both <= most:
        one, other = np.triu_indices(n_pairs, 1)
    else:
        rng = np.random.default_rng(seed)
        one, other = rng.integers(n_pairs, size=(2, most))
    members = np.stack([first[one], second[one], first[other], second[other]], axis=1)
    a, b, c, d = members.T
    is_known = apart[a, c] & apart[a, d] & apart[b, c] & apart[b, d]
    return Quartets(members[is_known], n_both > most)


def shown(tree: Tree, quartets: Quartets, tips: I64 | None = None) -> Mask:
    """Which quartets (q,) a tree shows, wherever its root is; branch lengths do not matter.

    `tips` (n,) are the tips that the members stand for; without it member i is tip i.
    Time O(n^2 + q), memory for n^2 int32.
    """
    levels = _levels(tree)
    members = quartets.members if tips is None else tips[quartets.members]
    # Of the paths between four tips, those have least in common whose ancestors are deepest.
    return _leads(-levels, members, 0.0)


def by_distances(distances: F64, quartets: Quartets) -> Mask:
    """Which quartets (q,) a matrix of distances (n, n) leads to by the four-point condition.

    Raises InputError `bad_distances`.
    """
    if not np.isfinite(distances).all():
        raise InputError("bad_distances", "Give distances that are finite.")
    return _leads(distances, quartets.members, ROUNDING)


class Accuracy:
    """The share of quartets that are right, where families may count more or less often.

    A quartet of families that are drawn i, j, ... times counts as often as their product, a pair
    within a family as often as the family: resampling families with replacement gives an
    interval. Quartets are summed up by their families, so that it is quick.
    """

    def __init__(self, right: Mask, quartets: Quartets, families: I64) -> None:
        """`right` (q,) as `shown` says; `families` (n,) are the codes 0, 1, ... of n models."""
        nobody = int(families.max(initial=-1)) + 1
        groups = np.sort(families[quartets.members].reshape(-1, 2, 2), axis=2)
        groups[groups[:, :, 0] == groups[:, :, 1], 1] = nobody
        groups = groups.reshape(-1, 4)
        codes = np.ravel_multi_index(tuple(groups.T), (nobody + 1,) * 4)
        _, where, which = np.unique(codes, return_index=True, return_inverse=True)
        self._groups = groups[where]
        self._n = np.bincount(which, minlength=len(where)).astype(np.float64)
        self._right = np.bincount(which, weights=right, minlength=len(where))

    def __len__(self) -> int:
        """How many quartets there are."""
        return int(self._n.sum())

    def share(self, counts: F64 | None = None) -> float:
        """The share where each family is there `counts` (n_families,) times, or once; else NaN."""
        weights = np.ones(len(self._groups))
        if counts is not None:
            weights = np.append(counts, 1.0)[self._groups].prod(axis=1)
        total = float(weights @ self._n)
        return float(weights @ self._right) / total if total else float("nan")


def _leads(distances: NDArray[np.generic], members: I64, slack: float) -> Mask:
    a, b, c, d = members.T
    true = distances[a, b] + distances[c, d]
    best = np.minimum(distances[a, c] + distances[b, d], distances[a, d] + distances[b, c])
    leads: Mask = true < best - slack
    return leads


def _levels(tree: Tree) -> I32:
    """How many branches the last common ancestor of every two tips is below the root, (n, n)."""
    depth = np.zeros(tree.n_nodes, dtype=np.int32)
    for node in range(tree.root - 1, -1, -1):
        depth[node] = depth[tree.parents[node]] + 1
    span, places = spans(tree)
    levels = np.zeros((tree.n_tips, tree.n_tips), dtype=np.int32)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        # What is below a node meets the rest of what is below its parent there.
        (low, high), (first, last) = span[node], span[parent]
        levels[low:high, first:low] = levels[low:high, high:last] = depth[parent]
    return levels[np.ix_(places, places)]
