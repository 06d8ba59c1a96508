"""Balanced minimum evolution: branch lengths, and a polish of trees (Desper and Gascuel 2002).

The balanced length of a tree is the sum over pairs of tips of 2^(1 - p) d(i, j), where p is the
number of branches between them (Pauplin 2000). Neighbour joining is a greedy way to make it
short (Gascuel and Steel 2006); exchanging neighbours afterwards makes it shorter.

Where that helps, on vectors that grew along birth-death trees, by the share of splits that are
not the true tree's (Robinson-Foulds, normalised; angles between vectors of 1,000 numbers): with
rates that differ between branches (lognormal, 0.7) 36 tips 0.167 -> 0.137, 100 tips 0.183 ->
0.142, 305 tips 0.235 -> 0.155, 1,000 tips 0.244 -> 0.141; with one rate nothing is gained (36
tips 0.040 -> 0.037, 305 tips 0.038 -> 0.041). Nor is it on nurseries of 36 models that are
ancestors and tips at once (true clades 0.91 -> 0.90).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.checked import checked
from app.phylo.tree import NO_PARENT, Tree, assemble


class Polished(NamedTuple):
    """A tree with balanced branch lengths, and the balanced length of its shape.

    Where a branch would be shorter than zero it is zero, so `length` may be less than the sum.
    """

    tree: Tree
    length: float


def polish(tree: Tree, distances: NDArray[np.float64]) -> Polished:
    """Exchange neighbours (NNI) until none makes the balanced length of the tree shorter.

    `tree` is binary (three branches at the root, or two, of which one branch is made); its
    lengths and support are not read. `distances` is (n, n) in the order of its tips. Returns an
    unrooted tree, whose balanced length is never more than that of `tree`. Time O(n^2) a round,
    few rounds; space 40 n^2 bytes.

    Raises InputError `bad_distances` or `not_binary`.
    """
    return _fitted(tree, distances, exchanging=True)


def balanced(tree: Tree, distances: NDArray[np.float64]) -> Polished:
    """Return the same tree, unrooted, with balanced branch lengths; otherwise as `polish`."""
    return _fitted(tree, distances, exchanging=False)


def _fitted(tree: Tree, distances: NDArray[np.float64], *, exchanging: bool) -> Polished:
    n = tree.n_tips
    work = checked(distances, n)
    children = _children(tree)
    if n < 3:
        apart = float(work[0, -1])
        lengths = np.where(tree.parents == NO_PARENT, 0.0, apart / 2)
        return Polished(Tree(tree.labels, tree.parents, lengths), apart)
    from app.phylo.kernels.balanced import exchange, measure

    lengths = np.zeros(len(children))
    length = (
        exchange(work, children, lengths) if exchanging else measure(work, children, lengths)[0]
    )
    return Polished(_tree(tree.labels, children, lengths), float(length))


def _children(tree: Tree) -> NDArray[np.int64]:
    """The children of every node, (nodes, 3), -1 where there is none; three at the root."""
    below = tree.children()
    if len(below[-1]) == 2 and tree.n_tips > 2:
        # The last node but one hangs from the root, since parents come later: it takes its place.
        *below, (other, _) = below
        below[-1] = [*below[-1], other]
    wanted = [0] * tree.n_tips + [2] * (len(below) - tree.n_tips - 1) + [3]
    if tree.n_tips > 2 and [len(row) for row in below] != wanted:
        raise InputError("not_binary", "Give a tree whose inner nodes all have two children.")
    children = np.full((len(below), 3), NO_PARENT, dtype=np.int64)
    for node, row in enumerate(below):
        children[node, : len(row)] = row
    return children


def _tree(
    labels: tuple[str, ...], children: NDArray[np.int64], lengths: NDArray[np.float64]
) -> Tree:
    parents = np.full(len(children), NO_PARENT)
    nodes, places = np.nonzero(children != NO_PARENT)
    parents[children[nodes, places]] = nodes
    names = [*labels, *[None] * (len(children) - len(labels))]
    return assemble(names, parents.tolist(), np.maximum(lengths, 0.0).tolist())
