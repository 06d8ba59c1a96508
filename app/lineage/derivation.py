"""Derivation graphs: who was derived from whom among models, where models themselves are ancestors.

What is declared is drawn as declared, with what speaks against it. The rest is inferred: the
cheapest arborescence (see `costs`, `arborescence`) gives each member the likeliest parent among
its relatives, and merges a second one. Where nothing says which of two came first, the edge has no
direction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.lineage.arborescence import ROOT, arborescence
from app.lineage.costs import EARLIER, UNDIRECTED, likely_earlier, parent_costs, set_aside
from app.lineage.direction import Reason, released_reason
from app.lineage.edges import Conflict, Edge, Edges
from app.lineage.members import Declared, Evidence, Member
from app.lineage.merges import Merges, find_merges
from app.lineage.places import Place, places
from app.lineage.siblings import SAME
from app.lineage.timeline import Timeline

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
# So many of the nearest relatives may be a merge's parents, as for `ancestors`.
MOST_PARENTS = 50
NOT_KNOWN = "Nothing says which of the two came first."
IN_A_CIRCLE = "Claims of descent run in a circle."
TOO_LATE = "The base that is declared was released after its child."


@dataclass(frozen=True)
class Derivation:
    """Edges and, for each member, its place: derived, founder or unplaced."""

    edges: tuple[Edge, ...]
    places: tuple[Place, ...]


def derive(
    members: Sequence[Member], evidence: Evidence, declared: Sequence[Declared]
) -> Derivation:
    """Who was derived from whom among n members; O(n^2) but for merges, O(k^2) for k relatives."""
    timeline = Timeline(members, declared)
    before = timeline.before(evidence.related)
    claims = [_claimed(claim, timeline, members) for claim in declared]
    merges = _merges(evidence, before)
    named = {edge.child for edge in claims if edge.leads}
    believed = dict(zip(declared, (edge.leads for edge in claims), strict=True))
    costs = parent_costs(evidence, before, believed, merges)
    likeliest = arborescence(costs)
    drawing = _Drawing(members, evidence, timeline, before)
    edges = Edges()
    for edge in claims:
        edges.claim(edge)
    edges.add(drawing.merged(edges, merges, named))
    edges.add(drawing.inferred(likeliest, costs, edges, directed=True))
    if evidence.likeness is not None:
        edges.add(drawing.between(edges, likely_earlier(evidence, before), named))
    edges.add(drawing.inferred(likeliest, costs, edges, directed=False))
    return Derivation(edges.drawn, places(members, evidence, timeline, edges))


def _claimed(claim: Declared, timeline: Timeline, members: Sequence[Member]) -> Edge:
    sources = ", ".join(claim.sources)
    said = f"{members[claim.child].name} names it as its base ({sources})"
    reasons = [Reason("declared", "ancestor", said, sources)]
    reasons += [released_reason(o) for o in timeline.dated(claim.parent, claim.child)]
    conflicts: list[Conflict] = []
    if timeline.is_against_dates(claim):
        conflicts.append("dates")
    if timeline.runs_in_a_circle(claim):
        conflicts.append("circle")
    sure = claim.support == "supported" and not conflicts
    return Edge(
        child=claim.child,
        parent=claim.parent,
        kind="declared",
        support=claim.support,
        directed=True,
        confidence="high" if sure else "low",
        reasons=tuple(reasons),
        conflicts=tuple(conflicts),
        doubt=_doubt(claim, conflicts),
    )


def _doubt(claim: Declared, conflicts: Sequence[Conflict]) -> str:
    told = {
        "contradicted": "By their behaviour the two are unrelated.",
        "undecided": "Behaviour does not tell whether the two are related.",
        "supported": "",
    }
    said = [told[claim.support]]
    said += [TOO_LATE if conflict == "dates" else IN_A_CIRCLE for conflict in conflicts]
    return " ".join(filter(None, said))


def _merges(evidence: Evidence, before: Mask) -> Merges:
    """Who is a mix of which two, the nearest that may have been there before him."""
    if evidence.likeness is None:
        return {}
    near = np.where(evidence.related & ~before, evidence.distance, np.inf)
    farthest = np.sort(near, axis=1)[:, : MOST_PARENTS + 1].max(axis=1, initial=0.0)
    allowed = np.isfinite(near) & (near <= farthest[:, None])
    return find_merges(evidence.likeness, allowed, before)


class _Drawing:
    """Turns what was found into edges, with the reasons for each."""

    def __init__(
        self, members: Sequence[Member], evidence: Evidence, timeline: Timeline, before: Mask
    ) -> None:
        self._members, self._evidence = members, evidence
        self._timeline, self._before = timeline, before

    def merged(self, edges: Edges, merges: Merges, named: set[int]) -> Iterator[Edge]:
        """Both parents of each merge.

        Of one that names its bases only those parents that a base leads to: a claim is what tells
        a merge from a model that was trained on from one parent.
        """
        for child, parents in merges.items():
            bases = edges.parents(child)
            for parent, share in parents.items():
                [other] = parents.keys() - {parent}
                if child in named and not (other in bases or self._leads_to(edges, bases, parent)):
                    continue
                said = f"{self._name(child)} behaves as a mix of it ({share:.0%})"
                reason = Reason(
                    "merge_of", "ancestor", f"{said} and {self._name(other)}", "behaviour"
                )
                yield self._edge(child, parent, (reason,), share=share, doubt=self._twin(parent))

    def _twin(self, parent: int) -> str:
        """A sentence on who cannot be told from a parent, so that either may be it."""
        same = (self._evidence.distance[parent] < SAME) & self._evidence.related[parent]
        for other in np.flatnonzero(same & ~self._before[parent] & ~self._before[:, parent]):
            return f"{self._name(int(other))} behaves as it does: either may be the parent."
        return ""

    def inferred(self, likeliest: I64, costs: F64, edges: Edges, *, directed: bool) -> list[Edge]:
        """The edges of the arborescence that have a direction, or those that have none."""
        found = []
        for child in np.flatnonzero(likeliest != ROOT).tolist():
            parent = int(likeliest[child])
            if not edges.parents(child):
                doubt = self._nearer(child, parent, costs, edges)
                found.append((costs[parent, child], self._edge(child, parent, (), doubt=doubt)))
        found.sort(key=lambda one: one[0])
        return [edge for _, edge in found if edge.directed == directed]

    def _nearer(self, child: int, parent: int, costs: F64, edges: Edges) -> str:
        """A sentence on a nearer relative that may as well be the parent, empty without any."""
        if not self._before[parent, child]:
            return ""
        undirected = ~self._before[:, child] & ~self._before[child]
        bound = costs[parent, child] - EARLIER + UNDIRECTED
        for other in np.flatnonzero(undirected & (costs[:-1, child] < bound)).tolist():
            first = set_aside(self._evidence, self._before, child, other, [parent])
            if first == other and not edges.is_above(child, other):
                return f"{self._name(other)} is nearer, and nothing says whether it came first."
        return ""

    def between(self, edges: Edges, likely: Mapping[int, int], named: set[int]) -> Iterator[Edge]:
        """Who lies between a member and the base that it names: many name the first of a line."""
        for child in sorted(named & likely.keys()):
            if self._leads_to(edges, edges.parents(child), likely[child]):
                yield self._edge(child, likely[child], ())

    def _edge(
        self,
        child: int,
        parent: int,
        reasons: tuple[Reason, ...],
        *,
        share: float | None = None,
        doubt: str = "",
    ) -> Edge:
        """An inferred edge; without a head where nothing says which of the two came first."""
        dated = self._timeline.dated(parent, child)
        told = (*reasons, *(released_reason(order) for order in dated))
        if not reasons:
            is_known = self._before[parent, child]
            doubt = doubt if is_known else NOT_KNOWN
            doubt = doubt or self._members[child].unchecked
        return Edge(
            child=child,
            parent=parent,
            kind="inferred",
            support="supported",
            directed=not doubt,
            confidence="low" if doubt else "moderate",
            reasons=told,
            doubt=doubt,
            share=share,
        )

    def _leads_to(self, edges: Edges, bases: Iterable[int], member: int) -> bool:
        return any(base == member or edges.is_above(base, member) for base in bases)

    def _name(self, member: int) -> str:
        return self._members[member].name
