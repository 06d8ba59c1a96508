"""The support of every branch of a tree, as it is stated: how likely the branch is right."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.phylo.bootstrap import bootstrap
from app.phylo.distances import Distances, Rows
from app.phylo.kinship import kinship
from app.phylo.resampling import resampled
from app.phylo.tree import Tree

F64 = NDArray[np.float64]

REPLICATES = 100


@dataclass(frozen=True, eq=False)
class Supported:
    """A tree whose `support` is the stated one, and what that was made of.

    branches: columns for `Annotated.branches`, (nodes,) in [0, 1]: "bootstrap" and "transfer",
        and "kinship" where there is a null of unrelated pairs.
    """

    tree: Tree
    branches: Mapping[str, F64]
    replicates: int


def support(
    tree: Tree,
    distances: Distances,
    rows: Rows,
    p_values: F64 | None,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Supported:
    """State the support of a tree of the models in `rows`, in that order, wherever its root is.

    Stated is the share of bootstrap replicates that have the split, times the `kinship` of what
    it holds together: resampling sees how far the probes agree, the null of unrelated pairs
    whether they agree on descent. `p_values` (n, n) are those of `Population.compare`, of this
    protocol or of a better witness that all the models share; None where the population is too
    small for a null, and then support is the bootstrap's share alone and does not tell relatives
    from look-alikes. What a stated support means was measured: see docs/trees.md.

    Raises InputError `no_replicates`, `nothing_to_resample`, `bad_distances`, `bad_p_values`.
    """
    rng = np.random.default_rng(seed)
    weights = resampled(distances.n_probes, replicates, rng)
    found = bootstrap(tree, distances.replicates(rows, weights), seed)
    branches = {"bootstrap": found.shares, "transfer": found.transfer}
    stated = found.shares
    if p_values is not None:
        branches["kinship"] = kinship(tree, p_values)
        stated = stated * branches["kinship"]
    return Supported(replace(tree, support=stated), branches, replicates)
