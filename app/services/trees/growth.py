"""A leaf: how a tree is to be grown."""

from dataclasses import dataclass, replace
from typing import Literal

from app.errors import InputError
from app.phylo.distances import Kind
from app.phylo.rooted import Rooting

Method = Literal["neighbour_joining", "balanced"]

MOST_REPLICATES = 1000
REPLICATES = 100
# Of the tree around a model, which must come at once: support in steps of 4 %.
REPLICATES_AROUND = 25


@dataclass(frozen=True)
class Growth:
    """What is done with distances: how they are joined, where the root is put, what is tested.

    `replicates` bootstrap replicates support the branches, none with 0, as many as the service
    takes for such a tree if left out; branches with less support than `collapse` are collapsed.
    `outgroup` are ids of models, for the rooting of that name. With `dated` every node gets a
    date, where the release dates allow it. `distance` is the kind of distance, the one that fits
    the protocol best if left out.
    """

    method: Method = "neighbour_joining"
    rooting: Rooting = "midpoint"
    outgroup: tuple[str, ...] = ()
    replicates: int | None = None
    collapse: float = 0.0
    dated: bool = False
    distance: Kind | None = None

    def __post_init__(self) -> None:
        if self.replicates is not None and not 0 <= self.replicates <= MOST_REPLICATES:
            raise InputError("bad_replicates", f"Ask for 0 to {MOST_REPLICATES:,} replicates.")
        if not 0 <= self.collapse <= 1:
            raise InputError("bad_collapse", "Give the least support as a share from 0 to 1.")
        if self.collapse and self.replicates == 0:
            raise InputError("bad_collapse", "Collapsing needs support: ask for replicates.")
        if bool(self.outgroup) != (self.rooting == "outgroup"):
            raise InputError("bad_outgroup", "Name an outgroup if, and only if, it is the rooting.")

    def or_replicates(self, usual: int) -> "Growth":
        """The same, with so many replicates if none were named."""
        return self if self.replicates is not None else replace(self, replicates=usual)
