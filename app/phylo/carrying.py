"""A leaf: columns of branches are carried through whatever changes a tree, as its support is."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.phylo.tree import Tree

F64 = NDArray[np.float64]


def carried(
    tree: Tree, branches: Mapping[str, F64], change: Callable[[Tree], Tree]
) -> tuple[Tree, dict[str, F64]]:
    """Change a tree and its columns (nodes,) of numbers in [0, 1], by name.

    `change` must number nodes alike whatever the support is, and keep the support of branches:
    rooting, grafting and pruning do. It is called once for the tree and once for each column.
    """
    columns = {name: change(replace(tree, support=column)) for name, column in branches.items()}
    return change(tree), {
        name: changed.support for name, changed in columns.items() if changed.support is not None
    }
