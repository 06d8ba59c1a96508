"""Places: whether a member of a derivation graph was derived, is a founder, or nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.lineage.edges import Edge, Edges
from app.lineage.members import Evidence, Member
from app.lineage.timeline import Timeline

Standing = Literal["derived", "founder", "unplaced"]


@dataclass(frozen=True)
class Place:
    """Where a member stands, and a sentence on why.

    `derived`: an edge that holds leads to a parent. `founder`: no member is a parent. `unplaced`:
    nobody knows.
    """

    standing: Standing
    why: str


def places(
    members: Sequence[Member], evidence: Evidence, timeline: Timeline, edges: Edges
) -> tuple[Place, ...]:
    """The place of each member."""
    up: list[list[Edge]] = [[] for _ in members]
    for edge in edges.drawn:
        up[edge.child].append(edge)
    return tuple(
        _derived(members, up[one]) or _place(one, members, evidence, timeline, edges)
        for one in range(len(members))
    )


def _derived(members: Sequence[Member], up: Sequence[Edge]) -> Place | None:
    """The place of one of whom anything says that it was derived."""
    names = [members[edge.parent].name for edge in up if edge.holds and not edge.via]
    if names:
        return Place("derived", f"It descends from {' and '.join(names)}.")
    claimed = [edge for edge in up if edge.leads]
    if claimed:
        return Place("unplaced", f"{claimed[0].reasons[0].detail}: {claimed[0].doubt}")
    return None


def _place(
    one: int, members: Sequence[Member], evidence: Evidence, timeline: Timeline, edges: Edges
) -> Place:
    if members[one].unchecked:
        return Place("unplaced", members[one].unchecked)

    def may_be_a_parent(other: int) -> bool:
        return not timeline.precedes(one, other) and not edges.is_above(one, other)

    relatives = np.flatnonzero(evidence.related[one]).tolist()
    earlier = next(filter(may_be_a_parent, relatives), None)
    if earlier is not None:
        name = members[earlier].name
        return Place("unplaced", f"Nothing says which came first, it or {name}, which is related.")
    unclear = next(filter(may_be_a_parent, np.flatnonzero(evidence.unclear[one]).tolist()), None)
    if unclear is not None:
        name = members[unclear].name
        return Place("unplaced", f"Whether it is related to {name} cannot be told.")
    if relatives:
        return Place("founder", f"Its relatives here, {len(relatives)}, came later.")
    return Place("founder", "No model here is related.")
