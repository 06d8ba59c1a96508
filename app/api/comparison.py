"""Comparison: two models side by side, under each protocol that they share."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.dependencies import Reading
from app.api.problems import documented
from app.api.schemas import Judged, ModelName, Noise, ProtocolName, ReferenceVersion
from app.api.texts import PlainText
from app.api.views import judged_shown, model_name, noise_shown, protocol_name
from app.dna.relations import Verdict
from app.dna.scores import NAMES
from app.services.comparison import SharedScore, compare
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["comparison"])

Named = Annotated[PlainText, Query(description="A model's id, ref or any unambiguous name.")]


class Pair(BaseModel):
    """Two models, each by its id, ref or any unambiguous name."""

    model_config = ConfigDict(extra="forbid")

    a: PlainText
    b: PlainText


class Noises(BaseModel):
    """The noise of either model; null where it was never repeated."""

    a: Noise | None
    b: Noise | None


class Score(Judged):
    """How alike two models are under one protocol; `identical`: response for response."""

    protocol: ProtocolName
    score: str
    value: float
    identical: bool
    reference: ReferenceVersion
    noise: Noises
    within_noise: bool | None = Field(
        description="Whether one of the two scores as low with a rerun of itself; null when "
        "neither was repeated."
    )


class Comparison(BaseModel):
    """Two models, the word for them, the protocol that decided, and all scores."""

    a: ModelName
    b: ModelName
    verdict: Verdict
    decided_by: ProtocolName
    scores: list[Score]


@router.get("/v1/compare", responses=documented(404, 409))
def compare_models(session: Reading, a: Named, b: Named) -> Comparison:
    """Compare two models."""
    return _compare(session, a, b)


@router.post("/v1/compare", responses=documented(400, 404, 409, 413))
def compare_pair(session: Reading, pair: Pair) -> Comparison:
    """Compare two models; the same as GET, for names that do not fit into an address."""
    return _compare(session, pair.a, pair.b)


def _compare(session: Session, a: str, b: str) -> Comparison:
    first, second = models.find(session, a), models.find(session, b)
    compared = compare(session, first, second)
    return Comparison(
        a=model_name(first),
        b=model_name(second),
        verdict=compared.verdict,
        decided_by=protocol_name(compared.decided_by.protocol),
        scores=[_score(shared) for shared in compared.shared],
    )


def _score(shared: SharedScore) -> Score:
    a, b = map(noise_shown, shared.noise)
    return Score(
        protocol=protocol_name(shared.protocol),
        score=NAMES[shared.protocol.response],
        value=shared.judged.score,
        identical=shared.judged.identical,
        reference=ReferenceVersion(version=shared.reference_version),
        noise=Noises(a=a, b=b),
        within_noise=shared.is_within_noise,
        **judged_shown(shared.judged),
    )
