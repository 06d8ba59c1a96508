"""Use case: a tree is grown from entries: distances, joining, root, support."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol
from app.errors import InputError
from app.phylo.balanced import polish
from app.phylo.carrying import carried
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rooted import Rooted, root
from app.phylo.support import support
from app.services.trees.grown import Grown
from app.services.trees.growth import REPLICATES, Growth
from app.services.trees.kept_pairs import KeptPairs
from app.services.trees.material import Material

F64 = npt.NDArray[np.float64]
# Replicates are drawn from one seed: the same entries give the same tree.
SEED = 0


def grow(
    material: Material,
    growth: Growth,
    kept: KeptPairs,
    outgroup: Sequence[str],
    dates: F64,
) -> Grown:
    """Grow a tree whose labels are the numbers of its entries.

    `outgroup` are labels, `dates` (n,) decimal years, for the rootings that ask for them.
    Raises what joining, rooting and support do.
    """
    matrix = material.matrix(kept)
    if not matrix.any():
        raise InputError(
            "no_distances", "These models answer alike in everything: nothing tells them apart."
        )
    joined = neighbour_joining(matrix, [str(seq) for seq in material.seqs])
    if growth.method == "balanced":
        joined = polish(joined, matrix).tree
    rooted = root(joined, growth.rooting, outgroup, dates_for(growth, dates))
    return supported(material, growth, rooted, kept)


def supported(material: Material, growth: Growth, rooted: Rooted, kept: KeptPairs) -> Grown:
    """Give every branch of a rooted tree its support."""
    tree, branches = rooted.tree, dict[str, F64]()
    wanted = growth.or_replicates(REPLICATES).replicates or 0
    replicates = wanted if can_be_supported(material.protocol) else 0
    if replicates:
        p_values = material.p_values(kept)
        found = support(tree, material.distances, material.rows, p_values, replicates, SEED)
        tree, branches = found.tree, dict(found.branches)
    kind, version = material.distances.kind, material.reference.version
    return Grown(tree, branches, kind, version, rooted.fit, replicates)


def can_be_supported(protocol: Protocol) -> bool:
    """Whether there can be replicates: of one probe nothing can be resampled."""
    return protocol.n_probes > 1


def rooted_anew(grown: Grown, growth: Growth, outgroup: Sequence[str], dates: F64) -> Grown:
    """The tree with another root, if another is asked for; all columns stay with their branches."""
    if growth.rooting == grown.tree.rooting:
        return grown
    known = dates_for(growth, dates)
    fit = root(grown.tree, growth.rooting, outgroup, known).fit
    tree, branches = carried(
        grown.tree,
        grown.branches,
        lambda tree: root(tree, growth.rooting, outgroup, known).tree,
    )
    return replace(grown, tree=tree, branches=branches, fit=fit)


def dates_for(growth: Growth, dates: F64) -> F64 | None:
    """The dates, if the rooting asks for them."""
    return dates if growth.rooting == "date" else None
