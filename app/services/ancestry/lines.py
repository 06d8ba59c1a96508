"""Use case: the likeliest lines of descent among a model and its relatives."""

from collections.abc import Callable, Mapping, Sequence

from app.lineage.descent import lines
from app.lineage.direction import UNNAMED, Candidate, Side
from app.lineage.siblings import passed_over
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.gathering import Kin
from app.services.ancestry.likeness import Likeness
from app.services.ancestry.merges import Mixes

Parents = Mapping[Kin, Sequence[Kin]]
# By relative those between it and the model.
Line = Mapping[Kin, tuple[Kin, ...]]


def likely_parents(
    members: Sequence[Kin], declarations: Declarations, mixes: Mixes, alike: Likeness
) -> dict[Kin, Sequence[Kin]]:
    """Each relative's parents among the others.

    Those that it declares; else the two that it is a merge of; else the nearest that was released
    before it, unless that stands beside the way from an earlier one.
    """
    places = {record.id: one for one in members for record in one.records}
    found: dict[Kin, Sequence[Kin]] = {}
    dated: dict[Kin, Sequence[Kin]] = {}
    for child in members:
        named = [
            places[base]
            for record in child.records
            for base in declarations.parents(record.id)
            if base in places and places[base] is not child
        ]
        if child in mixes:
            named = named or list(mixes[child])
        nearest = _nearest(child, [one for one in members if one.was_before(child)], alike)
        dated[child] = [nearest] if nearest else []
        found[child] = list(dict.fromkeys(named)) or dated[child]
    return {child: _completed(several, dated[child], found) for child, several in found.items()}


def _completed(named: Sequence[Kin], dated: Sequence[Kin], parents: Parents) -> list[Kin]:
    """Add the nearest to those that are named if it descends from one: many name the first base."""
    between = [one for one in dated if not set(named).isdisjoint(walk(one, parents, "ancestor"))]
    return [*named, *(one for one in between if one not in named)]


def _nearest(child: Kin, earlier: Sequence[Kin], alike: Likeness) -> Kin | None:
    known = {one: alike.distance(child.digest, one.digest) for one in earlier}
    apart = {one: distance for one, distance in known.items() if distance is not None}
    if not apart:
        return None
    nearest = min(apart, key=apart.__getitem__)
    return passed_over(nearest, list(apart), apart.__getitem__, _earlier_by(alike))


def _earlier_by(alike: Likeness) -> Callable[[Kin, Kin], float | None]:
    """The distance of two relatives, None unless the first was released before the second."""

    def apart(a: Kin, b: Kin) -> float | None:
        return alike.distance(a.digest, b.digest) if a.was_before(b) else None

    return apart


def parent_first(
    pool: Sequence[Candidate], model: Kin, placed: Mapping[str, Kin], alike: Likeness
) -> list[Candidate]:
    """Put the likeliest parent first, unless one is named or there is nothing to tell by."""
    known = {one.key: alike.distance(model.digest, placed[one.key].digest) for one in pool}
    distances = {key: distance for key, distance in known.items() if distance is not None}
    if not pool or pool[0].rank("ancestor") < UNNAMED or pool[0].key not in distances:
        return list(pool)
    apart = _earlier_by(alike)
    first = passed_over(
        pool[0],
        [one for one in pool if one.key in distances and one.direction == "ancestor"],
        lambda one: distances[one.key],
        lambda a, b: apart(placed[a.key], placed[b.key]),
    )
    return [first, *(one for one in pool if one is not first)]


def _next(pool: Sequence[Candidate]) -> list[Candidate]:
    """Those that are named as parents; else the likeliest one, if it is known to be earlier.

    Nobody where it is not: then the nearest that was there before is as likely as it gets.
    """
    ancestors = [one for one in pool if one.direction == "ancestor"]
    for rank in range(UNNAMED):
        named = [one for one in ancestors if one.rank("ancestor") == rank]
        if named:
            return named
    return [one for one in pool[:1] if one.direction == "ancestor"]


def name_parents(
    pool: Sequence[Candidate],
    model: Kin,
    placed: Mapping[str, Kin],
    parents: dict[Kin, Sequence[Kin]],
) -> list[Kin]:
    """Let the model descend from those that are next in line; its copies have its old parents.

    Returns those that lie between the model and whoever is named.
    """
    named = [placed[one.key] for one in _next(pool)]
    for one in named:
        parents.setdefault(one, parents[model])
    if named:
        parents[model] = _completed(named, parents[model], parents)
    return [one for one in parents[model] if named and one not in named]


def walk(model: Kin, parents: Parents, side: Side) -> Line:
    """All on the likeliest lines up from the model, or down to it, with those between."""
    if side == "ancestor":
        return lines(model, lambda child: parents.get(child, ()))
    children: dict[Kin, list[Kin]] = {}
    for child, several in parents.items():
        for parent in several:
            children.setdefault(parent, []).append(child)
    return lines(model, lambda parent: children.get(parent, ()))


def depth(kin: Kin, line: Line) -> int | None:
    """The generations between a relative and the model, None beside the line."""
    return len(line[kin]) + 1 if kin in line else None
