"""Folds for cross-validation by family: no family ever stands on both sides."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from app.dna.reference import SMALLEST_POPULATION

Folds = npt.NDArray[np.int64]

# Two folds are always left out, so there must be a third.
FEWEST_FOLDS = 3
# So many folds need a reference for each of 66 pairs: more would only cost time.
MOST_FOLDS = 12


def choose_folds(families: Sequence[str], wanted: int, seed: int) -> Folds | None:
    """The fold of each model, (n,): `wanted` folds, or more where that leaves too few outside.

    Without any two of the folds there must be SMALLEST_POPULATION models left, enough for a
    reference; None where no number of folds up to MOST_FOLDS does that.
    """
    n_families = len({name for name in families if name}) + sum(not name for name in families)
    for n_folds in range(max(wanted, FEWEST_FOLDS), min(n_families, max(wanted, MOST_FOLDS)) + 1):
        folds = split(families, n_folds, seed)
        if smallest_rest(folds) >= SMALLEST_POPULATION:
            return folds
    return None


def split(families: Sequence[str], n_folds: int, seed: int) -> Folds:
    """Deal whole families to folds, (n,), balanced by size; "" is a family of one model.

    The largest family first, each to the fold that has the fewest models; equal ones in an order
    that depends on the seed.
    """
    members: dict[str, list[int]] = {}
    for index, name in enumerate(families):
        members.setdefault(name or f"\0{index}", []).append(index)
    shuffled = list(members.values())
    np.random.default_rng(seed).shuffle(shuffled)
    folds, sizes = np.empty(len(families), dtype=np.int64), [0] * n_folds
    for some in sorted(shuffled, key=len, reverse=True):
        fold = sizes.index(min(sizes))
        folds[some] = fold
        sizes[fold] += len(some)
    return folds


def pairs_of(folds: Folds) -> list[tuple[int, int]]:
    """All pairs of two different folds."""
    return list(combinations(range(int(folds.max()) + 1), 2))


def smallest_rest(folds: Folds) -> int:
    """How many models are outside the two largest folds."""
    sizes = np.sort(np.bincount(folds))
    return int(sizes[:-2].sum())
