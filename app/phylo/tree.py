"""A leaf: the tree that every other file of this package reads and returns, held in flat arrays.

Nothing here recurses, so a tree may be as deep as it has tips.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError

NO_PARENT = -1


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree of n tips; node i < n is the tip `labels[i]`, the rest are inner nodes.

    Children come before their parents and the root is the last node, so one loop over the
    nodes goes up the tree and one loop backwards goes down. Where the text says unrooted, the
    root is only the place from which the arrays hang. Trees are not compared with `==`: see
    `app.phylo.comparison`.

    labels: n names, any Unicode text; names may repeat, the tip's index is its identity.
    parents: (nodes,) int64, -1 at the root.
    lengths: (nodes,) float64, length of the branch to the parent, >= 0, 0 at the root.
    support: (nodes,) float64 in [0, 1], the support of the branch to the parent, NaN where
        there is none (tips, the root); or None for a tree without support.
    rooting: how the root was chosen: "unrooted", "midpoint", "given", ...

    Raises InputError `bad_tree` or `bad_label`.
    """

    labels: tuple[str, ...]
    parents: NDArray[np.int64]
    lengths: NDArray[np.float64]
    support: NDArray[np.float64] | None = None
    rooting: str = "unrooted"

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", tuple(self.labels))
        _set_frozen(self, "parents", np.int64)
        _set_frozen(self, "lengths", np.float64)
        if self.support is not None:
            _set_frozen(self, "support", np.float64)
        _check_labels(self.labels)
        _check_shape(self)
        _check_numbers(self)

    @property
    def n_tips(self) -> int:
        """Number of tips."""
        return len(self.labels)

    @property
    def n_nodes(self) -> int:
        """Number of nodes, tips and inner nodes together."""
        return len(self.parents)

    @property
    def root(self) -> int:
        """Index of the root: the last node."""
        return len(self.parents) - 1

    @property
    def tips(self) -> range:
        """Indices of the tips: 0 ... n - 1."""
        return range(self.n_tips)

    @property
    def total_length(self) -> float:
        """Sum of all branch lengths."""
        return float(self.lengths.sum())

    def children(self) -> list[list[int]]:
        """Return the children of every node, each list in ascending order."""
        below: list[list[int]] = [[] for _ in range(self.n_nodes)]
        for node, parent in enumerate(self.parents[:-1].tolist()):
            below[parent].append(node)
        return below

    def postorder(self) -> list[int]:
        """Return all nodes depth first, each after its children."""
        return [node for node, entering in walk(self.children(), self.root) if not entering]


def walk(children: Sequence[Sequence[int]], root: int) -> Iterator[tuple[int, bool]]:
    """Go through a tree depth first; yield (node, True) on entering and (node, False) on leaving.

    Takes the children and not the tree, so that a caller may put siblings in its own order.
    """
    stack = [(root, True)]
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if entering:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(children[node]))


def assemble(
    names: Sequence[str | None],
    parents: Sequence[int],
    lengths: Sequence[float],
    support: Sequence[float] | None = None,
    rooting: str = "unrooted",
) -> Tree:
    """Build a Tree from nodes in any order: renumbers them as Tree wants them.

    A node with a name is a tip, one with None an inner node; tips keep their order. `parents`
    holds -1 once. Raises InputError `bad_tree`.
    """
    order = _numbering(names, parents)
    place = {node: new for new, node in enumerate(order)}
    return Tree(
        labels=tuple(name for name in names if name is not None),
        parents=np.array([place.get(parents[node], NO_PARENT) for node in order]),
        lengths=np.array([lengths[node] for node in order], dtype=np.float64),
        support=None if support is None else np.array([support[node] for node in order]),
        rooting=rooting,
    )


def _numbering(names: Sequence[str | None], parents: Sequence[int]) -> list[int]:
    """Old indices in their new order: the tips, then the inner nodes, children first."""
    below: list[list[int]] = [[] for _ in parents]
    for node, parent in enumerate(parents):
        if parent != NO_PARENT:
            below[parent].append(node)
    roots = [node for node, parent in enumerate(parents) if parent == NO_PARENT]
    if len(roots) != 1:
        raise InputError("bad_tree", f"A tree has one root; give one, not {len(roots)}.")
    order = [node for node, entering in walk(below, roots[0]) if not entering]
    if len(order) != len(parents):
        raise InputError(
            "bad_tree", "Parents go round in a circle; connect every node to the root."
        )
    tips = [node for node, name in enumerate(names) if name is not None]
    return tips + [node for node in order if names[node] is None]


def _set_frozen(tree: Tree, field: str, dtype: type[np.generic]) -> None:
    """Keep a read-only copy: a frozen dataclass alone would leave the numbers open."""
    array = np.array(getattr(tree, field), dtype=dtype)
    array.flags.writeable = False
    object.__setattr__(tree, field, array)


def _check_labels(labels: tuple[str, ...]) -> None:
    for label in labels:
        try:
            label.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "bad_label", f"The name {label!a} holds half a surrogate pair; mend the name."
            ) from error


def _check_shape(tree: Tree) -> None:
    nodes = len(tree.parents)
    arrays = [tree.parents, tree.lengths] + ([] if tree.support is None else [tree.support])
    if not tree.labels or any(array.shape != (nodes,) for array in arrays):
        raise InputError("bad_tree", "Give at least one tip, and one number a node in each array.")
    above = tree.parents[:-1]
    if tree.parents[-1] != NO_PARENT or not (above > np.arange(nodes - 1)).all():
        raise InputError("bad_tree", "Number children before parents, and the root last.")
    families = np.bincount(above, minlength=nodes)
    tips, inner = families[: tree.n_tips], families[tree.n_tips :]
    if len(families) > nodes or tips.any() or (inner < 2).any():
        raise InputError("bad_tree", "Give tips no children, and every inner node two or more.")


def _check_numbers(tree: Tree) -> None:
    if not np.isfinite(tree.lengths).all() or (tree.lengths < 0).any() or tree.lengths[-1] != 0:
        raise InputError("bad_tree", "Give branch lengths that are finite and not negative.")
    if tree.support is None:
        return
    known = tree.support[~np.isnan(tree.support)]
    if (known < 0).any() or (known > 1).any():
        raise InputError("bad_tree", "Give support as a share between 0 and 1.")
