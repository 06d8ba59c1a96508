"""Whether a tree follows a trait of its tips: architecture, organisation, release order, ...

Both tests shuffle the trait among the tips that have it, so that nothing is assumed of the tree.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.autocorrelation import autocorrelation
from app.phylo.parsimony import fewest_changes
from app.phylo.pruning import restrict
from app.phylo.tree import Tree

F64 = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)
PERMUTATIONS = 999
FEWEST = 4  # tips: with three, every tree fits every trait


@dataclass(frozen=True)
class DiscreteTest:
    """How often a trait of `states` values changes on the tree, over `n` tips that have one.

    changes: the fewest there can be. expected: the mean when the trait is shuffled. retention:
    1 when every value arose once, 0 when the tree tells nothing (the retention index, Farris
    1989). p_value: how often a shuffled trait changes as seldom.
    """

    n: int
    states: int
    changes: int
    expected: float
    retention: float
    p_value: float
    permutations: int


@dataclass(frozen=True)
class OrderedTest:
    """How alike the numbers of near tips are, over the `n` tips that have one.

    statistic: Abouheif's C, at most 1. expected: its mean when numbers are shuffled. p_value: how
    often shuffled numbers are as alike.
    """

    n: int
    statistic: float
    expected: float
    p_value: float
    permutations: int


def discrete_test(
    tree: Tree, values: Sequence[str], seed: int, permutations: int = PERMUTATIONS
) -> DiscreteTest:
    """Test a trait of words, "" where it is not known; time O(nodes * permutations * states).

    Raises InputError `bad_trait`: fewer than four tips have it, all have one value, or no value
    stands twice.
    """
    _check(tree, len(values))
    tips = [tip for tip, value in enumerate(values) if value]
    counts = Counter(values[tip] for tip in tips)
    least, most = len(counts) - 1, len(tips) - max(counts.values(), default=0)
    if len(tips) < FEWEST or least < 1 or most == least:
        raise InputError(
            "bad_trait",
            f"{len(tips)} models have this trait, with {len(counts)} values: it takes {FEWEST} "
            "models and two values, one of which stands twice and is not on all but one.",
        )
    code = {value: number for number, value in enumerate(sorted(counts))}
    states = np.array([code[values[tip]] for tip in tips])
    rows = np.vstack([states, _shuffled(states, seed, permutations)])
    found = fewest_changes(restrict(tree, tips), rows)
    return DiscreteTest(
        n=len(tips),
        states=len(counts),
        changes=int(found[0]),
        expected=float(found[1:].mean()),
        retention=(most - int(found[0])) / (most - least),
        p_value=float((found <= found[0]).sum() / (1 + permutations)),
        permutations=permutations,
    )


def ordered_test(
    tree: Tree, values: F64, seed: int, permutations: int = PERMUTATIONS
) -> OrderedTest:
    """Test a trait of numbers, (tips,), NaN where it is not known; time O(nodes * permutations).

    Raises InputError `bad_trait`: fewer than four tips have it, or all have one value.
    """
    _check(tree, len(values))
    tips = np.flatnonzero(~np.isnan(values))
    known = values[tips]
    if len(tips) < FEWEST or known.min() == known.max():
        raise InputError(
            "bad_trait",
            f"{len(tips)} models have a number for this trait, {len(set(known.tolist()))} "
            f"different ones: it takes {FEWEST} models and two numbers.",
        )
    rows = np.vstack([known, _shuffled(known, seed, permutations)])
    found = autocorrelation(restrict(tree, tips.tolist()), rows)
    as_high = int((found >= found[0] - 1e-12).sum())
    return OrderedTest(
        n=len(tips),
        statistic=float(found[0]),
        expected=float(found[1:].mean()),
        p_value=as_high / (1 + permutations),
        permutations=permutations,
    )


def _shuffled(values: NDArray[T], seed: int, permutations: int) -> NDArray[T]:
    rng = np.random.default_rng(seed)
    return rng.permuted(np.tile(values, (permutations, 1)), axis=1)


def _check(tree: Tree, n: int) -> None:
    if n != tree.n_tips:
        raise InputError("bad_trait", f"Give {tree.n_tips} values, one a tip.")
