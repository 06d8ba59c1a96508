"""Trees without the branches that nothing bears out: what is not known is a polytomy."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.tree import Tree


def collapsed(tree: Tree, below: float) -> Tree:
    """Return the tree without the inner branches whose support is less than `below`.

    A branch without a support stays. The length of a branch that goes is added to the branches
    under it: every tip and every node that stays keeps its distance from the root. The root
    stays. Time O(nodes). Raises InputError `no_support`.
    """
    return _without(tree, _kept(tree, below))


def annotated_collapsed(annotated: Annotated, below: float) -> Annotated:
    """Return a tree collapsed as `collapsed` does, with what is known of the nodes that stay."""
    kept = _kept(annotated.tree, below)
    return replace(
        annotated,
        tree=_without(annotated.tree, kept),
        branches={name: column[kept] for name, column in annotated.branches.items()},
        dates=None if annotated.dates is None else annotated.dates[kept],
    )


def _kept(tree: Tree, below: float) -> NDArray[np.bool_]:
    if tree.support is None:
        raise InputError("no_support", "Collapse a tree that has support: ask for replicates.")
    kept = ~(tree.support < below)
    kept[: tree.n_tips] = True
    kept[tree.root] = True
    return kept


def _without(tree: Tree, kept: NDArray[np.bool_]) -> Tree:
    above, lengths = tree.parents.copy(), tree.lengths.copy()
    for node in range(tree.root - 1, -1, -1):
        parent = above[node]
        if not kept[parent]:
            above[node] = above[parent]
            lengths[node] += lengths[parent]
    numbers = np.append(kept.cumsum() - 1, -1)  # the last is for the root, whose parent is -1
    share = tree.support
    return Tree(
        labels=tree.labels,
        parents=numbers[above[kept]],
        lengths=lengths[kept],
        support=None if share is None else share[kept],
        rooting=tree.rooting,
    )
