"""Pictures of derivation graphs: what every way of drawing one needs to know, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.dna.families import connected
from app.lineage.derivation import Derivation
from app.lineage.edges import Edge
from app.lineage.members import Member
from app.lineage.places import Standing

# Light fills that black text is legible on, and that a colour-blind person tells apart in pairs
# (after Paul Tol's light scheme); there are more families than colours, so they come again.
FILLS = (
    "#99ddff", "#ffaabb", "#bbcc33", "#eedd88", "#44bb99", "#ee8866", "#aaaa00", "#77aadd",
)  # fmt: skip
ALONE = "#eeeeee"


@dataclass(frozen=True)
class Node:
    """A member as it is drawn: `released` is empty where it is not known, `family` an index."""

    name: str
    released: str
    standing: Standing
    family: int


@dataclass(frozen=True)
class Family:
    """Members that edges join, by their index; named after its founder, or its first member."""

    name: str
    members: tuple[int, ...]

    @property
    def is_alone(self) -> bool:
        """Whether there is nobody to be related to."""
        return len(self.members) == 1


@dataclass(frozen=True)
class Picture:
    """Nodes, the edges between them, and families, the largest first."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    families: tuple[Family, ...]

    def fill(self, family: int) -> str:
        """The colour of a family."""
        return ALONE if self.families[family].is_alone else FILLS[family % len(FILLS)]


def make_picture(members: Sequence[Member], derivation: Derivation) -> Picture:
    """The picture of a graph; a claim that behaviour contradicts makes no family."""
    near = np.eye(len(members), dtype=bool)
    for edge in derivation.edges:
        if edge.support != "contradicted":
            near[edge.child, edge.parent] = near[edge.parent, edge.child] = True
    labels = connected(near)
    groups = [np.flatnonzero(labels == label).tolist() for label in range(labels.max() + 1)]
    groups.sort(key=lambda group: (-len(group), group[0]))
    families = tuple(Family(_first(members, derivation, group), tuple(group)) for group in groups)
    of = {member: place for place, group in enumerate(groups) for member in group}
    nodes = tuple(
        Node(
            one.name,
            one.released[0].value if one.released else "",
            derivation.places[place].standing,
            of[place],
        )
        for place, one in enumerate(members)
    )
    return Picture(nodes, derivation.edges, families)


def _first(members: Sequence[Member], derivation: Derivation, group: Sequence[int]) -> str:
    """A founder; else whoever no edge leads up from; of several the first to be released."""
    children = {edge.child for edge in derivation.edges if edge.support != "contradicted"}

    def order(member: int) -> tuple[bool, bool, str, int]:
        released = members[member].released
        is_founder = derivation.places[member].standing == "founder"
        date = released[0].value if released else "9999"
        return not is_founder, member in children, date, member

    return members[min(group, key=order)].name
