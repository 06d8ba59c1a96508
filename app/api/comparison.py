"""Comparison: two models side by side, under each protocol that they share."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.dependencies import Reading
from app.api.problems import documented
from app.api.schemas import ModelName, Noise, ProtocolName, ReferenceVersion
from app.api.texts import PlainText
from app.api.views import model_name, noise_shown, protocol_name
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


class Score(BaseModel):
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
    p_value: float | None
    verdict: Literal["inconclusive"]


class Comparison(BaseModel):
    """Two models and their scores."""

    a: ModelName
    b: ModelName
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
    return Comparison(
        a=model_name(first),
        b=model_name(second),
        scores=[_score(shared) for shared in compare(session, first, second)],
    )


def _score(shared: SharedScore) -> Score:
    a, b = map(noise_shown, shared.noise)
    return Score(
        protocol=protocol_name(shared.protocol),
        score=shared.score_name,
        value=shared.score,
        identical=shared.identical,
        reference=ReferenceVersion(version=shared.reference_version),
        noise=Noises(a=a, b=b),
        within_noise=shared.is_within_noise,
        p_value=None,
        verdict="inconclusive",
    )
