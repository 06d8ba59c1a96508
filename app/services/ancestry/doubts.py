"""Use case: what speaks against the claims, and what nobody can tell."""

from collections.abc import Sequence

from app.lineage.direction import Side
from app.services.ancestry.claims import Claimed
from app.services.ancestry.declarations import ITSELF
from app.services.ancestry.gathering import Family, Kin
from app.services.ancestry.relations import NO_REFERENCE


def lying_between(kin: Sequence[Kin]) -> list[str]:
    """A sentence on who lies between a model and the parent that is named, if anybody does."""
    names = ", ".join(one.model.name for one in kin)
    return [f"By dates and behaviour {names} may lie between the two."] if kin else []


def contradicted(side: Side, claims: Sequence[Claimed]) -> list[str]:
    """A sentence on the claims that behaviour contradicts, if there are any."""
    names = [
        claim.model.name if claim.model and side == "descendant" else claim.value
        for claim in claims
        if claim.support == "contradicted"
    ]
    if not names:
        return []
    some = ", ".join(dict.fromkeys(names))
    said = f"it descends from {some}" if side == "ancestor" else f"{some} descends from it"
    return [f"Behaviour contradicts the claim that {said}."]


def unchecked(model: Kin, side: Side, claims: Sequence[Claimed]) -> str:
    """Name the first claim that could not be checked, and say why; empty where there is none."""
    for claim in claims:
        if claim.support == "undecided" and claim.why != ITSELF:
            if side == "ancestor" or claim.model is None:
                return f"{model.model.name} names {claim.value} as its base. {claim.why}"
            return f"{claim.model.name} names {model.model.name} as its base. {claim.why}"
    return ""


def unclear(family: Family, side: Side) -> str:
    """Name the nearest model that may be related and stand on this side; empty where all is told.

    Or say that there is no reference to tell by.
    """
    judged = [(one, one.relation.judged) for one in family.kin]
    if not any(pair and pair.standing is not None for _, pair in judged):
        return NO_REFERENCE
    for one, _ in judged:
        if one.relation.verdict == "inconclusive" and _may_be(one, family.model, side):
            name = one.model.name
            return f"Whether {name}, the nearest model that may be, is related cannot be told."
    return ""


def _may_be(one: Kin, model: Kin, side: Side) -> bool:
    return not (model.was_before(one) if side == "ancestor" else one.was_before(model))
