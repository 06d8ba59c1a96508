"""Whether the tree that the service draws keeps known relatives together, by quartets.

This is no cross-validation: the tree is one tree, of all models, with distances as the population
of all of them sees them, which is how the service draws it. Neither knows anything of the lineage
(the population is frozen without declared families), so nothing is fitted to the truth.
"""

from collections.abc import Mapping

import numpy as np

from app.dna.population import Members, Population, absent, cohort_of, freeze
from app.dna.protocol import Protocol
from app.dna.reference import SMALLEST_POPULATION
from app.dna.scores import Strands
from app.evaluation.kinship import Kinship
from app.phylo.distances import Distances
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.quartets import Accuracy, known_quartets, shown
from app.phylo.tree import Tree


def frozen(protocol: Protocol, strands: Strands) -> tuple[Population, Members]:
    """The population that n models, (n, p, w), make, and their places in its cohort, or -1.

    An absent one where they are too few for a reference.
    """
    n = len(strands)
    members = np.full(n, -1, dtype=np.int64)
    if n < SMALLEST_POPULATION:
        return absent(protocol), members
    chosen = cohort_of(n)
    members[chosen] = np.arange(len(chosen))
    return freeze(protocol, strands, [""] * n), members


def drawn_tree(population: Population, strands: Strands, members: Members) -> Tree:
    """The tree of n models, (n, p, w); tip i is model i."""
    distances = Distances(population)
    rows = distances.rows(strands, members)
    return neighbour_joining(distances.between(rows, rows), [str(i) for i in range(len(strands))])


def accuracies(tree: Tree, tips: Members, kin: Kinship, seed: int) -> Mapping[str, Accuracy]:
    """The quartet accuracy of a tree by kind of relation; `tips` are those that `kin` is about."""
    families = np.unique(np.array(kin.families), return_inverse=True)[1]
    found = {}
    for kind, related in (("direct", kin.direct), ("same_base", kin.same_base)):
        quartets = known_quartets(related, kin.unrelated, seed)
        found[kind] = Accuracy(shown(tree, quartets, tips), quartets, families)
    return found
