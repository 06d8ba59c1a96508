"""Use case: the likely ancestors and descendants of a model, with the reasons for direction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.dna.protocol import Protocol
from app.dna.relations import RELATIVES
from app.lineage.conclusion import Conclusion, Rest, conclude
from app.lineage.descent import MOST_STEPS
from app.lineage.direction import Candidate, Side, ordered
from app.records import ModelRecord
from app.search.candidates import Candidates
from app.services.ancestry.chronology import Chronology
from app.services.ancestry.claims import Claimed, claimed
from app.services.ancestry.doubts import contradicted, lying_between, unchecked, unclear
from app.services.ancestry.gathering import Family, Kin, gather
from app.services.ancestry.graph import Edge, draw_edges
from app.services.ancestry.likeness import Likeness, likeness
from app.services.ancestry.lines import (
    Line,
    depth,
    likely_parents,
    name_parents,
    parent_first,
    walk,
)
from app.services.ancestry.merges import Mixes, find_mixes, merge_reasons
from app.services.ancestry.reasons import Reasons
from app.store.database import Session

# So many of the nearest are looked at, however few are shown.
CONSIDERED = 50
# Behind all whose generation is known.
FARTHEST = MOST_STEPS + 1


@dataclass(frozen=True, eq=False)
class Placed:
    """A relative and where it stands: `judged` has its direction, confidence and reasons.

    `depth` is the number of generations between the two, on the likeliest line or as is declared,
    None for those beside it.
    """

    kin: Kin
    judged: Candidate
    depth: int | None


@dataclass(frozen=True)
class Ancestry:
    """One side of a model's line.

    `line` are the ancestors, or the descendants, by generation, then the nearest first; `beside`
    are relatives that came first too, or later, of which the behaviour of all of them says that
    they are rather siblings, aunts or nieces; `undirected` those for which reasons are missing or
    conflict. `claims` are the bases that the model declares, or the models that declare it as
    theirs. `edges` lead from child to parent, over generations. `references` are the versions
    that relations were read with.
    """

    model: Kin
    conclusion: Conclusion
    line: tuple[Placed, ...]
    beside: tuple[Placed, ...]
    undirected: tuple[Placed, ...]
    claims: tuple[Claimed, ...]
    edges: tuple[Edge, ...]
    references: tuple[tuple[Protocol, int], ...]


def find_ancestry(
    session: Session, candidates: Candidates, model: ModelRecord, side: Side, k: int
) -> Ancestry:
    """Find up to `k` ancestors, or descendants, of a model among all that are registered.

    Raises NotFoundError `not_fingerprinted`.
    """
    family = gather(session, candidates, model, side, max(k, CONSIDERED))
    related = [one for one in family.kin if one.relation.verdict in RELATIVES]
    members = [family.model, *(one for one in related if one.digest != model.digest)]
    alike = likeness(session, model, [one.digest for one in members])
    mixes = find_mixes(members, alike, Chronology(members, family.declarations))
    judged = _judged(family, related, mixes)
    pool = ordered(judged.values(), side)
    parents = likely_parents(members, family.declarations, mixes, alike)
    placed = {one.key: kin for kin, one in judged.items()}
    between: list[Kin] = []
    if side == "ancestor":
        pool = parent_first(pool, family.model, placed, alike)
        between = name_parents(pool, family.model, placed, parents)
    line = walk(family.model, parents, side)
    if side == "descendant":
        pool.sort(key=lambda one: depth(placed[one.key], line) or FARTHEST)
    everyone = [_placed(placed[one.key], one, line) for one in pool]
    directed = [one for one in everyone if one.judged.direction == side]
    beside = [one for one in directed if _is_beside(one, model, alike)]
    on_line = [one for one in directed if one not in beside]
    claims = claimed(family, side)
    rest = Rest(
        n_elsewhere=len(judged) - len(pool),
        n_beside=len(beside),
        notes=(*lying_between(between), *contradicted(side, claims)),
        unchecked=unchecked(family.model, side, claims),
        unclear=unclear(family, side),
    )
    return Ancestry(
        model=family.model,
        conclusion=conclude([one.judged for one in everyone if one not in beside], side, rest),
        line=tuple(sorted(on_line, key=lambda one: one.depth or FARTHEST)[:k]),
        beside=tuple(beside[:k]),
        undirected=tuple(one for one in everyone if one.judged.direction != side)[:k],
        claims=claims,
        edges=draw_edges(session, family, side, parents, line),
        references=family.references,
    )


def _judged(family: Family, related: Sequence[Kin], mixes: Mixes) -> dict[Kin, Candidate]:
    """The relatives with all reasons there are, the nearest first.

    A copy of the model itself is one only where something puts it before or after.
    """
    reasons, merges = Reasons(family), merge_reasons(family.model, mixes)
    found = {}
    for place, one in enumerate(related):
        told = (*reasons.of(one), *merges.get(one, ()))
        if told or one.digest != family.model.digest:
            model = one.model
            found[one] = Candidate(model.id, model.name, one.relation.verdict, -place, told)
    return found


def _placed(kin: Kin, judged: Candidate, line: Line) -> Placed:
    generations = depth(kin, line) or _declared_depth(judged)
    return Placed(kin, replace(judged, on_line=kin in line), generations)


def _declared_depth(judged: Candidate) -> int | None:
    claims = (reason for reason in judged.reasons if reason.kind in ("declared", "declared_by"))
    return min((len(reason.via) + 1 for reason in claims), default=None)


def _is_beside(one: Placed, model: ModelRecord, alike: Likeness) -> bool:
    """Whether likeness could have put it on the line, and did not."""
    was_looked_at = one.kin.digest in alike.places and one.kin.digest != model.digest
    return was_looked_at and one.judged.confidence == "low"
