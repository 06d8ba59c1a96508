"""The lines of a model as they go over the wire: schemas, and what fills them."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, Field

from app.api.schemas import Judged, ModelLink, ModelName, ProtocolName, ReferenceVersion
from app.api.views import judged_shown, model_name, protocol_name
from app.dna.relations import Verdict as PairVerdict
from app.lineage.claims import Support
from app.lineage.conclusion import Verdict
from app.lineage.dates import Dated
from app.lineage.direction import Confidence, Direction, Kind, Side
from app.lineage.direction import Reason as Given
from app.records import ModelRecord
from app.services.ancestry.claims import Claimed
from app.services.ancestry.finding import Ancestry, Placed
from app.services.ancestry.graph import EdgeKind
from app.services.ancestry.relations import Relation
from app.store import models
from app.store.database import Session

Names = Mapping[str, ModelRecord]


class Released(BaseModel):
    """A claimed release date, YYYY-MM or YYYY-MM-DD."""

    value: str
    source: str


class Reason(BaseModel):
    """Why a relative stands on one side of the model that was asked about.

    `via` are the models between the two, beginning beside the model that was asked about.
    """

    kind: Kind
    side: Side
    detail: str
    source: str
    via: list[ModelName]


class Kin(Judged):
    """A relative with its place in the line; `copies` have the same content.

    Null are the numbers of a pair of the same content, which need not be judged.
    """

    model: ModelLink
    copies: list[ModelName]
    released: list[Released] = Field(description="The most trusted first, which is used.")
    protocol: ProtocolName | None = Field(description="The one that decided the verdict.")
    score: float | None
    direction: Direction
    confidence: Confidence | None = Field(
        description="`high`: a claim says that one descends from the other, and behaviour "
        "supports it. `moderate`: it is on the likeliest line, by dates, or a merge by its "
        "behaviour. `low`: it is related, and only dates put it before or after. Null without a "
        "direction."
    )
    depth: int | None = Field(
        description="Generations between the two, on the likeliest line or as is declared; null "
        "beside it."
    )
    reasons: list[Reason]


class Declared(BaseModel):
    """A claim of a base: `model` is the other model, null where it is not known which is meant.

    `supported`: behaviour says that the two are related; `contradicted`: that they are unrelated;
    `undecided`: neither, and `why` says what is missing.
    """

    value: str
    sources: list[str]
    model: ModelLink | None
    support: Support
    why: str
    verdict: PairVerdict | None
    score: float | None
    p_value: float | None


class Edge(BaseModel):
    """That `child` descends from `parent`: as is `declared`, or `inferred` from other reasons."""

    child: ModelName
    parent: ModelName
    kind: EdgeKind
    support: Support


class ReadWith(ReferenceVersion):
    """The version of a protocol's reference that relations were read with."""

    protocol: ProtocolName


class Line(BaseModel):
    """What is known of one side of a model's line.

    `verdict` is `found`, `none` (nobody registered is one) or `inconclusive`, and `why` a sentence
    on it. `beside` are relatives that came first too (or later), but off the likeliest line:
    siblings and aunts far more often than ancestors; `undirected` those for which reasons are
    missing or conflict. `edges` lead from child to parent over generations; several from one
    child are a merge's.
    """

    model: ModelName
    released: list[Released]
    verdict: Verdict
    why: str
    beside: list[Kin]
    undirected: list[Kin]
    edges: list[Edge]
    references: list[ReadWith]


class Ancestors(Line):
    """The likely ancestors of a model, the likeliest parent first, and the bases it declares."""

    ancestors: list[Kin]
    declared_bases: list[Declared]


class Descendants(Line):
    """The likely descendants of a model, and the models that declare it as their base."""

    descendants: list[Kin]
    declared_by: list[Declared]


def ancestors_shown(session: Session, found: Ancestry) -> Ancestors:
    """The ancestors of a model."""
    names = _between(session, found)
    return Ancestors(
        **_common(found, names),
        ancestors=[_kin(one, names) for one in found.line],
        declared_bases=[_declared(claim) for claim in found.claims],
    )


def descendants_shown(session: Session, found: Ancestry) -> Descendants:
    """The descendants of a model."""
    names = _between(session, found)
    return Descendants(
        **_common(found, names),
        descendants=[_kin(one, names) for one in found.line],
        declared_by=[_declared(claim) for claim in found.claims],
    )


def _between(session: Session, found: Ancestry) -> Names:
    """The models that reasons lead by way of, looked up at once."""
    placed = (*found.line, *found.beside, *found.undirected)
    return models.by_ids(
        session, {via for one in placed for reason in one.judged.reasons for via in reason.via}
    )


def _common(found: Ancestry, names: Names) -> dict[str, Any]:
    return {
        "model": model_name(found.model.model),
        "released": _released(found.model.released),
        "verdict": found.conclusion.verdict,
        "why": found.conclusion.why,
        "beside": [_kin(one, names) for one in found.beside],
        "undirected": [_kin(one, names) for one in found.undirected],
        "edges": [
            Edge(
                child=model_name(edge.child),
                parent=model_name(edge.parent),
                kind=edge.kind,
                support=edge.support,
            )
            for edge in found.edges
        ],
        "references": [
            ReadWith(protocol=protocol_name(protocol), version=version)
            for protocol, version in found.references
        ],
    }


def _kin(one: Placed, names: Names) -> Kin:
    directed = one.judged.direction in ("ancestor", "descendant")
    return Kin(
        **_relation(one.kin.relation),
        model=_link(one.kin.model),
        copies=[model_name(copy) for copy in one.kin.copies],
        released=_released(one.kin.released),
        direction=one.judged.direction,
        confidence=one.judged.confidence if directed else None,
        depth=one.depth,
        reasons=[_reason(reason, names) for reason in one.judged.reasons],
    )


def _relation(relation: Relation) -> dict[str, Any]:
    judged, protocol = relation.judged, relation.protocol
    numbers: dict[str, Any] = {"standing": None, "p_value": None, "q_value": None, "flags": []}
    return {
        **(judged_shown(judged) if judged else numbers),
        "verdict": relation.verdict,
        "score": judged.score if judged else None,
        "protocol": protocol_name(protocol) if protocol else None,
    }


def _reason(reason: Given, names: Names) -> Reason:
    return Reason(
        kind=reason.kind,
        side=reason.side,
        detail=reason.detail,
        source=reason.source,
        via=[model_name(names[via]) for via in reason.via],
    )


def _declared(claim: Claimed) -> Declared:
    judged = claim.relation.judged
    is_known = claim.model is not None and not (claim.relation.missing and judged is None)
    return Declared(
        value=claim.value,
        sources=list(claim.sources),
        model=_link(claim.model) if claim.model else None,
        support=claim.support,
        why=claim.why,
        verdict=claim.relation.verdict if is_known else None,
        score=judged.score if judged else None,
        p_value=judged.p_value if judged else None,
    )


def _released(dates: Iterable[Dated]) -> list[Released]:
    return [Released(value=dated.value, source=dated.source) for dated in dates]


def _link(model: ModelRecord) -> ModelLink:
    return ModelLink(id=model.id, name=model.name, ref=str(model.ref))
