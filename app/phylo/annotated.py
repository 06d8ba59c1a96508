"""A leaf: a tree with what is known of its branches, nodes and tips: what is written and drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from app.phylo.tree import Tree

F64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Annotated:
    """A rooted tree and columns beside its nodes; every column may be missing.

    branches: by name (nodes,) float64, a number of the branch above each node, NaN where there is
        none: kinds of support ("bootstrap", "transfer", ...) in [0, 1], or rates. The support
        that is shown first is `tree.support` itself.
    dates: (nodes,) float64, decimal years (2024.25), NaN where not known; of all nodes when the
        tree was dated.
    families: (tips,), the family of each tip, "" where none is known; empty when there are none.
    traits: by name (tips,), what is said of each tip, "" where nothing is.

    Raises InputError `bad_annotation`.
    """

    tree: Tree
    branches: Mapping[str, F64] = field(default_factory=dict)
    dates: F64 | None = None
    families: tuple[str, ...] = ()
    traits: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tree = self.tree
        columns = [*self.branches.values(), *([] if self.dates is None else [self.dates])]
        rows = [*self.traits.values(), *([self.families] if self.families else [])]
        if any(column.shape != (tree.n_nodes,) for column in columns):
            raise InputError("bad_annotation", f"Give {tree.n_nodes} numbers, one a node.")
        if any(len(row) != tree.n_tips for row in rows):
            raise InputError("bad_annotation", f"Give {tree.n_tips} words, one a tip.")

    @property
    def is_dated(self) -> bool:
        """Whether every node has a date, so that a time axis can be drawn."""
        return self.dates is not None and not bool(np.isnan(self.dates).any())
