"""Consensus trees: what many trees of the same tips agree on (Margush and McMorris 1981)."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.errors import InputError
from app.phylo.splits import clade_masks, members
from app.phylo.tree import NO_PARENT, Tree, assemble

MAJORITY = 0.5


def consensus(trees: Iterable[Tree], above: float = MAJORITY, greedy: bool = False) -> Tree:
    """Return the unrooted tree of the splits that a share of more than `above` of trees have.

    From one half on these fit together. `greedy` adds the less frequent ones too, the most
    frequent first, as far as each fits all before it (the extended majority rule); of equals the
    one that appeared first. Support is the share; a length is the mean over the trees that have
    the branch. All trees must have the same tips in the same order.

    Raises InputError `no_replicates`, `different_tips`, `too_few_tips`, or `bad_share` for less
    than one half.
    """
    if not MAJORITY <= above < 1:
        raise InputError("bad_share", "Ask for a share from 0.5 up to, not including, 1.")
    counts: Counter[int] = Counter()
    lengths: dict[int, float] = defaultdict(float)
    labels: tuple[str, ...] = ()
    n_trees = 0
    for tree in trees:
        if n_trees and labels != tree.labels:
            raise InputError("different_tips", "Give trees of the same tips in the same order.")
        labels, n_trees = tree.labels, n_trees + 1
        for side, length in _branches(tree).items():
            counts[side] += 1
            lengths[side] += length
    if not n_trees:
        raise InputError("no_replicates", "Give one tree at least.")
    if len(labels) < 3:
        raise InputError("too_few_tips", "Give trees of three tips at least.")
    tips = _trivial(len(labels))
    chosen = [side for side in counts if side not in tips and counts[side] > above * n_trees]
    if greedy:
        rest = (side for side, _ in counts.most_common() if side not in tips)
        chosen = _extended(chosen, rest)
    means = {side: lengths[side] / counts[side] for side in counts}
    shares = {side: counts[side] / n_trees for side in chosen}
    return _tree_of(labels, chosen, means, shares)


def _branches(tree: Tree) -> dict[int, float]:
    """The length of each branch by its side without tip 0; both halves of a rooted one added."""
    everything = (1 << tree.n_tips) - 1
    found: dict[int, float] = {}
    for mask, length in zip(clade_masks(tree)[:-1], tree.lengths[:-1].tolist(), strict=True):
        side = mask ^ everything if mask & 1 else mask
        found[side] = found.get(side, 0.0) + length
    return found


def _trivial(n: int) -> set[int]:
    """The sides without tip 0 of the branches of single tips."""
    return {1 << tip for tip in range(1, n)} | {(1 << n) - 2}


def _extended(chosen: list[int], rest: Iterable[int]) -> list[int]:
    held = set(chosen)
    for side in rest:
        # No side has tip 0, so two fit together when one holds the other or they are disjoint.
        if side not in held and all(side & one in (0, side, one) for one in held):
            held.add(side)
    return list(held)


def _tree_of(
    labels: Sequence[str],
    sides: Iterable[int],
    means: Mapping[int, float],
    shares: Mapping[int, float],
) -> Tree:
    """Hang the sides, none of which has tip 0, from a root beside tip 0: the largest first."""
    n = len(labels)
    inner = sorted(sides, key=lambda side: (-side.bit_count(), side))
    owner = [n] * n  # the smallest side so far that holds each tip; node n is the root
    above = [NO_PARENT]
    for node, side in enumerate(inner, n + 1):
        tips = sorted(members(side))
        above.append(owner[tips[0]])
        for tip in tips:
            owner[tip] = node
    alone = [means[(1 << n) - 2], *(means[1 << tip] for tip in range(1, n))]
    return assemble(
        [*labels, *[None] * len(above)],
        [*owner, *above],
        [*alone, 0.0, *(means[side] for side in inner)],
        [math.nan] * (n + 1) + [shares[side] for side in inner],
    )
