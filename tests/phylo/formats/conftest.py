import numpy as np
import pytest

from app.phylo.annotated import Annotated
from app.phylo.tree import assemble

NAN = float("nan")


@pytest.fixture
def full():
    """((a, b), c) with every column."""
    tree = assemble(
        ["a", "b", "c", None, None],
        [3, 3, 4, 4, -1],
        [0.5, 1, 2, 0.25, 0],
        [NAN, NAN, NAN, 0.95, NAN],
    )
    return Annotated(
        tree,
        branches={"bootstrap": np.array([NAN, NAN, NAN, 0.5, NAN])},
        dates=np.array([NAN, 2024, 2024.25, 2023.5, 2022]),
        families=("wolves", "wolves", ""),
        traits={"maker": ("=acme <&>", "", "b")},
    )
