"""Use case: who descends from whom, as a graph: a merge has several parents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.lineage.claims import Support, support
from app.lineage.descent import MOST_MODELS, lines
from app.lineage.direction import Side
from app.records import ModelRecord
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.gathering import Family, Kin
from app.services.ancestry.lines import Parents
from app.services.ancestry.relations import relations
from app.store.database import Session

EdgeKind = Literal["declared", "inferred"]


@dataclass(frozen=True)
class Edge:
    """That one model descends from another, as is declared or inferred from other reasons.

    `support` is what the behaviour of the two says of it.
    """

    child: ModelRecord
    parent: ModelRecord
    kind: EdgeKind
    support: Support


def draw_edges(
    session: Session, family: Family, side: Side, parents: Parents, line: Collection[Kin]
) -> tuple[Edge, ...]:
    """Return the edges that are declared, over all generations, then those that are inferred.

    `line` are the relatives on the likeliest lines from the model, up or down, and `parents` whom
    each of them descends from.
    """
    model, claims = family.model, family.declarations
    known = [one.model.id for one in (model, *line)]
    if side == "ancestor":
        above = (found for one in known for found in lines(one, claims.parents))
        declared = _declared(session, claims, (*known, *above))
        children = [model, *line]
    else:
        declared = _declared(session, claims, (*known, *family.down))
        children = list(line)
    said = {(edge.child.id, edge.parent.id) for edge in declared}
    inferred = [
        Edge(child.model, parent.model, "inferred", "supported")
        for child in children
        for parent in parents.get(child, ())
        if (parent is model or parent in line)
        and said.isdisjoint((a.id, b.id) for a in child.records for b in parent.records)
    ]
    return (*declared, *inferred)


def _declared(session: Session, claims: Declarations, members: Iterable[str]) -> list[Edge]:
    """All declared edges between some models, by their ids, each tested: at most MOST_MODELS."""
    inside = dict.fromkeys(members)
    pairs = [
        (child, parent) for child in inside for parent in claims.parents(child) if parent in inside
    ][:MOST_MODELS]
    tested = _tested(session, claims, pairs)
    return [
        Edge(claims.model(child), claims.model(parent), "declared", tested[child, parent])
        for child, parent in pairs
    ]


def _tested(
    session: Session, declarations: Declarations, pairs: Sequence[tuple[str, str]]
) -> Mapping[tuple[str, str], Support]:
    """Tests each pair from the side that has fewer models: a base may have a hundred children."""
    children, parents = ({pair[side] for pair in pairs} for side in range(2))
    near, far = (0, 1) if len(children) <= len(parents) else (1, 0)
    grouped: dict[str, list[str]] = {}
    for pair in pairs:
        grouped.setdefault(pair[near], []).append(pair[far])
    found: dict[tuple[str, str], Support] = {}
    for one, others in grouped.items():
        told = relations(session, declarations.model(one), [declarations.model(o) for o in others])
        for other in others:
            child, parent = (one, other) if near == 0 else (other, one)
            found[child, parent] = support(told[other].verdict)
    return found
