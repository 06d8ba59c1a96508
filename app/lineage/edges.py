"""A leaf: the edges of a derivation graph, which never run in a circle where they have a head."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from app.lineage.claims import Support
from app.lineage.direction import Confidence, Reason

EdgeKind = Literal["declared", "inferred"]
# What speaks against a claim beside behaviour.
Conflict = Literal["dates", "circle"]


@dataclass(frozen=True)
class Edge:
    """That one member descends from another, as is declared or inferred from the reasons.

    `support` is what behaviour says of it. Where nothing says which came first it is not
    `directed`, and only for drawing one end is the parent. `doubt` is a sentence on what is not
    known or speaks against it, else empty. `share` is the parent's part in a merge.
    """

    child: int
    parent: int
    kind: EdgeKind
    support: Support
    directed: bool
    confidence: Confidence
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    doubt: str = ""
    share: float | None = None
    via: tuple[int, ...] = ()

    @property
    def leads(self) -> bool:
        """Whether it says who descends from whom, and nothing speaks against it."""
        return self.directed and self.support != "contradicted" and not self.conflicts

    @property
    def holds(self) -> bool:
        """Whether it leads, and behaviour says so too."""
        return self.leads and self.support == "supported"


class Edges:
    """Edges as they are drawn, the surest first; those that lead make no circle."""

    def __init__(self) -> None:
        self._drawn: list[Edge] = []
        self._pairs: set[frozenset[int]] = set()
        self._parents: dict[int, set[int]] = {}
        self._inferred: dict[int, list[Edge]] = {}

    def add(self, edges: Iterable[Edge]) -> None:
        """Draw edges, but not between two that are joined, nor where one would close a circle."""
        for edge in edges:
            if not self.is_joined(edge.child, edge.parent):
                self._draw(edge)

    def is_joined(self, a: int, b: int) -> bool:
        """Whether there is an edge between two, or one descends from the other."""
        return frozenset((a, b)) in self._pairs or self.is_above(a, b) or self.is_above(b, a)

    def is_above(self, ancestor: int, member: int) -> bool:
        """Whether edges lead from a member up to another."""
        met, waiting = {member}, [member]
        while waiting:
            new = self._parents.get(waiting.pop(), set()) - met
            if ancestor in new:
                return True
            met |= new
            waiting += new
        return False

    def parents(self, child: int) -> frozenset[int]:
        """Those that edges lead to."""
        return frozenset(self._parents.get(child, ()))

    @property
    def drawn(self) -> tuple[Edge, ...]:
        """All edges, in the order in which they came, with who may lie between their ends."""
        return tuple(replace(edge, via=self._between(edge)) for edge in self._drawn)

    def _between(self, edge: Edge) -> tuple[int, ...]:
        if edge.kind == "inferred" or not edge.leads:
            return ()
        others = self._inferred.get(edge.child, [])
        mixed = [one for one in others if one.share is not None]
        # Of a merge whose one parent is declared the other stands beside it, not between.
        near = {one.parent for one in others if one.share is None or len(mixed) == 2}
        return tuple(sorted(one for one in near if self.is_above(edge.parent, one)))

    def claim(self, edge: Edge) -> None:
        """Draw what is declared, whatever speaks against it."""
        self._draw(edge)

    def _draw(self, edge: Edge) -> None:
        self._drawn.append(edge)
        self._pairs.add(frozenset((edge.child, edge.parent)))
        if edge.leads:
            self._parents.setdefault(edge.child, set()).add(edge.parent)
            if edge.kind == "inferred":
                self._inferred.setdefault(edge.child, []).append(edge)
