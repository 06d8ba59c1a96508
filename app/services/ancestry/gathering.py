"""Use case: whose relation to a model is known, by search or because claims name them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.lineage.dates import Dated, orders
from app.lineage.descent import lines
from app.lineage.direction import Side
from app.records import ModelRecord
from app.search.candidates import Candidates
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.relations import COPY, Relation, relations
from app.services.relatives import Relative, find_relatives
from app.store import models
from app.store.database import Session

Lines = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Kin:
    """A relative: the models of one content, `model` first, and what the behaviours say.

    `released` is when that content was there at the latest: the dates of the first to be out.
    """

    model: ModelRecord
    copies: tuple[ModelRecord, ...]
    relation: Relation
    released: tuple[Dated, ...]

    @property
    def records(self) -> tuple[ModelRecord, ...]:
        """All models of this content."""
        return (self.model, *self.copies)

    @property
    def digest(self) -> str:
        """What the content is known by."""
        return self.model.digest or ""

    def was_before(self, other: "Kin") -> bool:
        """Whether its dates say that it was there before another."""
        return any(not order.swapped for order in orders(self.released, other.released)[:1])


def first_dates(declarations: Declarations, records: Sequence[ModelRecord]) -> tuple[Dated, ...]:
    """The claimed dates of whichever of these models was released first."""
    dated = [dates for record in records if (dates := declarations.dates(record))]
    return min(dated, key=lambda dates: dates[0].value) if dated else ()


@dataclass(frozen=True)
class Family:
    """A model and all others that were looked at, the nearest first.

    `up` and `down` are the lines of declared bases that lead from the model and to it: by model
    id the models between. `tested` are the relations of the models on them, each a test of its
    own. Down is only followed for descendants. `references` are the versions of the references
    that relations were read with.
    """

    model: Kin
    kin: tuple[Kin, ...]
    up: Lines
    down: Lines
    tested: Mapping[str, Relation]
    declarations: Declarations
    references: tuple[tuple[Protocol, int], ...]


def gather(
    session: Session, candidates: Candidates, model: ModelRecord, side: Side, n: int
) -> Family:
    """Gather the `n` nearest models and all that claims connect with this one.

    Raises NotFoundError `not_fingerprinted`.
    """
    relatives = find_relatives(session, candidates, model, None, n)
    found = relatives.combined
    own = models.by_digest(session, [model.digest or ""])[model.digest or ""]
    claims = Declarations(session)
    claims.read([*own, *(record for one in found for record in (one.model, *one.copies))])
    up, down = lines(model.id, claims.parents), {}
    if side == "descendant":
        children = claims.children(model)
        down = lines(model.id, lambda one: children.get(one, ()))
    named = [claims.model(one) for one in dict.fromkeys((*up, *down))]
    tested = relations(session, model, named)
    kin = [
        Kin(first, tuple(copies), relation, first_dates(claims, [first, *copies]))
        for (first, *copies), relation in _contents(model, found, named, tested)
    ]
    kin += [Kin(copy, (), COPY, claims.dates(copy)) for copy in own if copy.id != model.id]
    nearest = tuple(sorted(kin, key=lambda one: (*one.relation.nearness, one.model.id)))
    itself = Kin(model, (), COPY, first_dates(claims, own))
    used = tuple((ranking.protocol, ranking.reference_version) for ranking in relatives.rankings)
    return Family(itself, nearest, up, down, tested, claims, used)


def _contents(
    model: ModelRecord,
    found: Iterable[Relative],
    named: Sequence[ModelRecord],
    tested: Mapping[str, Relation],
) -> list[tuple[list[ModelRecord], Relation]]:
    """The models of each content but the model's own, those that are named first."""
    records: dict[str, dict[str, ModelRecord]] = {}
    told: dict[str, Relation] = {}
    for one in named:
        if one.digest and one.digest != model.digest:
            records.setdefault(one.digest, {})[one.id] = one
            told.setdefault(one.digest, tested[one.id])
    for relative in found:
        digest = relative.entry.model_digest
        same = records.setdefault(digest, {})
        same |= {one.id: one for one in (relative.model, *relative.copies) if one.id not in same}
        searched = Relation(relative.judged.verdict, relative.protocol, relative.judged)
        told.setdefault(digest, searched)
    return [(list(same.values()), told[digest]) for digest, same in records.items()]
