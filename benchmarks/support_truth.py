"""How often branches of a stated support are true, on models whose genealogy is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.dna.population import Population, cohort_of, freeze
from app.dna.protocol import Protocol
from app.dna.scores import Strands
from app.phylo.distances import Distances
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.rooting import midpoint
from app.phylo.support import REPLICATES, support
from app.phylo.tree import Tree
from app.phylo.truth import SOUND, Truth, truths

F64 = NDArray[np.float64]
Mask = NDArray[np.bool_]

HIGH = 0.9
WILSON_Z = 1.96


@dataclass(frozen=True, eq=False)
class Judged:
    """The different branches of trees, m of them: what was said of each, and what is true.

    stated, plain: (m,) the stated support, and the bootstrap's share alone. truth: (m,).
    """

    stated: F64
    plain: F64
    truth: Sequence[Truth]

    def are(self, *truths: Truth) -> Mask:
        """Which branches are one of these."""
        return np.array([truth in truths for truth in self.truth], dtype=bool)

    @property
    def sound(self) -> Mask:
        """Which branches are true, as readers of support take it."""
        return self.are(*SOUND)


def joined(several: Sequence[Judged]) -> Judged:
    """The branches of several trees together."""
    return Judged(
        np.concatenate([one.stated for one in several]),
        np.concatenate([one.plain for one in several]),
        [truth for one in several for truth in one.truth],
    )


def judged(
    protocol: Protocol,
    strands: Strands,
    lineage: Mapping[str, Sequence[str]],
    population: Population | None = None,
) -> tuple[Tree, Judged]:
    """The tree of models of known descent with its support, and its branches judged.

    strands (n, p, w) in the order of the keys of `lineage`. Without a `population`, which knows
    none of them, they are their own, as in a registry that holds nothing else.
    """
    members = np.full(len(strands), -1)
    if population is None:
        population = freeze(protocol, strands, [""] * len(strands))
        members = cohort_members(len(strands))
    distances, seen = Distances(population), population.seen(strands, members)
    rows = distances.rows(strands, members)
    tree = midpoint(neighbour_joining(distances.between(rows, rows), list(lineage)))
    p_values = population.compare(seen, seen).p_value
    found = support(tree, distances, rows, p_values, REPLICATES)
    facts = truths(tree, lineage)
    nodes = [node for node in _once_a_split(tree) if facts[node] is not None]
    return found.tree, Judged(
        stated=np.asarray(found.tree.support)[nodes],
        plain=found.branches["bootstrap"][nodes],
        truth=[fact for fact in (facts[node] for node in nodes) if fact is not None],
    )


def cohort_members(n: int) -> NDArray[np.int64]:
    """The place in the cohort of each of n models of which a population was frozen, or -1."""
    chosen = cohort_of(n)
    members = np.full(n, -1)
    members[chosen] = np.arange(len(chosen))
    return members


def _once_a_split(tree: Tree) -> list[int]:
    """All nodes, but of two at the root, which are one branch, the first alone."""
    ends = np.flatnonzero(tree.parents == tree.root).tolist()
    left_out = ends[1] if len(ends) == 2 and min(ends) >= tree.n_tips else tree.root
    return [node for node in range(tree.n_nodes) if node not in (left_out, tree.root)]


def share_true(chosen: Mask, true: Mask) -> float:
    """The share of the chosen branches that are true; 1 where none is chosen: none was false."""
    return float(true[chosen].mean()) if chosen.any() else 1.0


def wilson(successes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    z2 = WILSON_Z**2
    middle = (successes + z2 / 2) / (n + z2)
    half = WILSON_Z / (n + z2) * np.sqrt(successes * (n - successes) / n + z2 / 4)
    return float(middle - half), float(middle + half)
