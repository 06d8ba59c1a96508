"""A leaf: what was grown from entries, before anybody asks how their models are called."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.phylo.tree import Tree


@dataclass(frozen=True, eq=False)
class Grown:
    """A rooted tree whose labels are the numbers of its entries, and how it was grown.

    `branches` are columns beside its nodes; `kind` names the distance, `fit` says how well the
    root fits; `replicates` is how many support it, 0 where nothing does.
    """

    tree: Tree
    branches: Mapping[str, npt.NDArray[np.float64]]
    kind: str
    reference_version: int
    fit: Mapping[str, float]
    replicates: int
