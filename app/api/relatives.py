"""Relatives: the models that are nearest to one, under each protocol that it was seen under."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.dependencies import ModelId, ModelName, ProtocolName, Reading, Running
from app.api.problems import documented
from app.api.schemas import ModelLink, Noise, ReferenceVersion
from app.api.schemas import ModelName as ModelNamed
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.views import model_name, noise_shown, protocol_name
from app.dna.reference import SMALLEST_POPULATION
from app.records import Evidence, ModelRecord
from app.services.known_protocols import find as find_protocol
from app.services.noise import Noise as Repeated
from app.services.relatives import Ranking as Ranked
from app.services.relatives import Relative as Found
from app.services.relatives import find_relatives
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["relatives"])

Verdict = Literal["inconclusive"]
Count = Annotated[int, Query(ge=1, le=200, description="Relatives under each protocol.")]

FEW = (
    f"There is no reference yet: it takes {SMALLEST_POPULATION} models under one protocol. "
    "Scores are not centred, and no verdict can be given."
)
NO_NULL = (
    "Scores are centred by the reference, but its null distribution is not known yet: "
    "the order says who is nearest, not who is related."
)


class Relative(BaseModel):
    """A model near the one that was asked about; `copies` have the same content."""

    model: ModelLink
    copies: list[ModelNamed]
    evidence: Evidence
    score: float
    within_noise: bool | None = Field(
        description="Whether the model that was asked about scores as low with a rerun of itself; "
        "null when it was never repeated."
    )
    p_value: float | None
    verdict: Verdict


class Ranking(BaseModel):
    """The nearest models under one protocol, best first."""

    protocol: ProtocolNamed
    score: str
    reference: ReferenceVersion
    population: int
    noise: Noise | None = Field(description="Of the model that was asked about.")
    relatives: list[Relative]
    note: str


class Relatives(BaseModel):
    """The nearest models under each protocol; `copies` have the very content of the model."""

    model: ModelNamed
    copies: list[ModelNamed]
    rankings: list[Ranking]


@router.get("/v1/models/{model_id}/relatives", responses=documented(404))
def list_relatives(
    session: Reading,
    runtime: Running,
    model_id: ModelId,
    k: Count = 10,
    protocol: ProtocolName = None,
) -> Relatives:
    """The nearest models to one, by its id."""
    return _relatives(session, runtime, models.get(session, model_id), k, protocol)


@router.get("/v1/relatives", responses=documented(404, 409))
def find_relatives_by_name(
    session: Reading,
    runtime: Running,
    model: ModelName,
    k: Count = 10,
    protocol: ProtocolName = None,
) -> Relatives:
    """The nearest models to one, by any name of it."""
    return _relatives(session, runtime, models.find(session, model), k, protocol)


def _relatives(
    session: Session, runtime: Running, model: ModelRecord, k: int, protocol: str | None
) -> Relatives:
    chosen = find_protocol(session, protocol) if protocol else None
    rankings = find_relatives(session, runtime.candidates, model, chosen, k)
    same = models.by_digest(session, [model.digest or ""]).get(model.digest or "", [])
    return Relatives(
        model=model_name(model),
        copies=[model_name(copy) for copy in same if copy.id != model.id],
        rankings=[_ranking(r) for r in rankings],
    )


def _ranking(ranked: Ranked) -> Ranking:
    return Ranking(
        protocol=protocol_name(ranked.protocol),
        score=ranked.score_name,
        reference=ReferenceVersion(version=ranked.reference_version),
        population=ranked.population,
        noise=noise_shown(ranked.noise),
        relatives=[_relative(found, ranked.noise) for found in ranked.relatives],
        note=NO_NULL if ranked.reference_version else FEW,
    )


def _relative(found: Found, noise: Repeated | None) -> Relative:
    model = found.model
    return Relative(
        model=ModelLink(id=model.id, name=model.name, ref=str(model.ref)),
        copies=[model_name(copy) for copy in found.copies],
        evidence=found.entry.evidence,
        score=found.score,
        within_noise=None if noise is None else noise.covers(found.score),
        p_value=None,
        verdict="inconclusive",
    )
