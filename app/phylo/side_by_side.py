"""Two trees side by side: every measure of how alike they are, over the tips that they share."""

from dataclasses import asdict, dataclass
from typing import Any

from app.errors import InputError
from app.phylo.comparison import normalised_robinson_foulds, robinson_foulds
from app.phylo.cophenetic import cophenetic_correlation
from app.phylo.shared_tips import shared_tips
from app.phylo.split_information import (
    Information,
    clustering_information,
    phylogenetic_information,
)
from app.phylo.splits import split_masks
from app.phylo.tanglegram import Tanglegram, tanglegram
from app.phylo.tree import Tree

MOST_TIPS = 4000  # The matrices of paths and of splits take 1 GB then.


@dataclass(frozen=True)
class SideBySide:
    """How alike two trees are.

    names: the tips that both have; `tangle` numbers them so. only_a, only_b: tips that one lacks.
    splits_a, splits_b: informative splits of either tree; robinson_foulds: how many of them only
    one has, and as a share of all. correlation: of path lengths, None where all paths of a tree
    are equally long.
    """

    names: tuple[str, ...]
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    splits_a: int
    splits_b: int
    robinson_foulds: int
    normalised_robinson_foulds: float
    clustering: Information
    phylogenetic: Information
    correlation: float | None
    tangle: Tanglegram

    def as_json(self) -> dict[str, Any]:
        """Return the measures; what has no value is null. The tangle numbers the `names`."""
        return {
            "n_shared": len(self.names),
            "robinson_foulds": {
                "distance": self.robinson_foulds,
                "normalised": self.normalised_robinson_foulds,
            },
            "clustering_information": self.clustering.as_json(),
            "phylogenetic_information": self.phylogenetic.as_json(),
            "cophenetic_correlation": self.correlation,
            "tanglegram": asdict(self.tangle),
        }


def side_by_side(a: Tree, b: Tree) -> SideBySide:
    """Compare two trees by the names of their tips; roots matter for the tanglegram only.

    Raises InputError `duplicate_tips`, `too_few_shared_tips`, or `too_many_tips` beyond MOST_TIPS.
    """
    shared = shared_tips(a, b)
    if shared.a.n_tips > MOST_TIPS:
        raise InputError("too_many_tips", f"Compare trees that share up to {MOST_TIPS:,} tips.")
    return SideBySide(
        names=shared.a.labels,
        only_a=shared.only_a,
        only_b=shared.only_b,
        splits_a=len(split_masks(shared.a)),
        splits_b=len(split_masks(shared.b)),
        robinson_foulds=robinson_foulds(shared.a, shared.b),
        normalised_robinson_foulds=normalised_robinson_foulds(shared.a, shared.b),
        clustering=clustering_information(shared.a, shared.b),
        phylogenetic=phylogenetic_information(shared.a, shared.b),
        correlation=_correlation(shared.a, shared.b),
        tangle=tanglegram(shared.a, shared.b),
    )


def _correlation(a: Tree, b: Tree) -> float | None:
    try:
        return cophenetic_correlation(a, b)
    except InputError:  # All paths of a tree are as long: the other measures still speak.
        return None
