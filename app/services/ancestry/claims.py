"""Use case: what is claimed of a model's bases, and what behaviour says of it."""

from dataclasses import dataclass

from app.lineage.claims import Support, support
from app.lineage.direction import Side
from app.records import ModelRecord
from app.services.ancestry.gathering import Family
from app.services.ancestry.relations import Relation

UNKNOWN = Relation("inconclusive")
SAYS_NOTHING = "What the two answer does not tell whether they are related."


@dataclass(frozen=True)
class Claimed:
    """A base as it is declared: by the model that was asked about, or by another that names it.

    `value` is how the claim names the base; `model` is the other model, None where it is not
    known which one is meant; `why` says what leaves it undecided, else it is empty.
    """

    value: str
    sources: tuple[str, ...]
    model: ModelRecord | None
    relation: Relation
    why: str

    @property
    def support(self) -> Support:
        """Whether the behaviour of the two models bears the claim out."""
        return support(self.relation.verdict)


def claimed(family: Family, side: Side) -> tuple[Claimed, ...]:
    """The bases that the model declares; or, of descendants, the models that declare it."""
    model, declarations = family.model.model, family.declarations
    if side == "ancestor":
        return tuple(
            _claimed(family, base.value, base.sources, base.model, base.missing)
            for base in declarations.bases(model)
        )
    children = [declarations.model(one) for one, via in family.down.items() if not via]
    return tuple(
        _claimed(family, base.value, base.sources, child, "")
        for child in children
        for base in declarations.bases(child)
        if base.model and base.model.id == model.id
    )


def _claimed(
    family: Family,
    value: str,
    sources: tuple[str, ...],
    model: ModelRecord | None,
    missing: str,
) -> Claimed:
    relation = family.tested[model.id] if model else UNKNOWN
    why = ""
    if support(relation.verdict) == "undecided":
        why = missing or relation.missing or SAYS_NOTHING
    return Claimed(value, sources, model, relation, why)
