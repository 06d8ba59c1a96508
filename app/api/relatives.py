"""Relatives: the models that are nearest to one, under each protocol that it was seen under."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from app.api.dependencies import ModelId, ModelName, ProtocolName, Reading, Running
from app.api.problems import documented
from app.api.schemas import Date, Judged, ModelLink, Noise, ReferenceVersion
from app.api.schemas import ModelName as ModelNamed
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.texts import PlainText
from app.api.views import judged_shown, model_name, noise_shown, protocol_name
from app.dna.reference import SMALLEST_POPULATION
from app.dna.scores import NAMES
from app.records import Evidence, ModelRecord
from app.services.filters import Filter
from app.services.known_protocols import find as find_protocol
from app.services.noise import Noise as Repeated
from app.services.relatives import EVERY, find_relatives
from app.services.relatives import Ranking as Ranked
from app.services.relatives import Relative as Found
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["relatives"])


async def _only(
    evidence: Annotated[
        Evidence | None, Query(description="Only entries that were obtained in this way.")
    ] = None,
    released_before: Annotated[
        Date | None,
        Query(description="Only models that are said to be released before this month or day."),
    ] = None,
    licence: Annotated[
        PlainText | None, Query(description="Only models that are said to have this licence.")
    ] = None,
    family: Annotated[
        PlainText | None,
        Query(description="Only this model and those that descend from it, as they declare."),
    ] = None,
) -> Filter:
    return Filter(evidence, released_before, licence, family)


Only = Annotated[Filter, Depends(_only)]
Count = Annotated[int, Query(ge=1, le=200, description="Relatives under each protocol.")]

FEW = (
    f"There is no reference yet: it takes {SMALLEST_POPULATION} models under one protocol. "
    "Scores are not centred, and no verdict can be given."
)
READ = (
    "Verdicts and their measured error rates: docs/relations.md. From answers alone a shared "
    "base cannot be ruled out."
)


class Relative(Judged):
    """A model near the one that was asked about; `copies` have the same content."""

    model: ModelLink
    copies: list[ModelNamed]
    evidence: Evidence
    score: float
    within_noise: bool | None = Field(
        description="Whether the model that was asked about scores as low with a rerun of itself; "
        "null when it was never repeated."
    )


class Combined(Relative):
    """A relative under the protocol that decides: of those that both models share the best."""

    protocol: ProtocolNamed


class Ranking(BaseModel):
    """The nearest models under one protocol, best first."""

    protocol: ProtocolNamed
    score: str
    reference: ReferenceVersion
    population: int = Field(description="Models that were searched.")
    passed: int | None = Field(
        description="How many of them passed the filter; null when there was none."
    )
    noise: Noise | None = Field(description="Of the model that was asked about.")
    relatives: list[Relative]
    note: str


class Relatives(BaseModel):
    """The nearest models under each protocol; `copies` have the very content of the model.

    `combined` names each once, under the best witness, relatives first.
    """

    model: ModelNamed
    copies: list[ModelNamed]
    combined: list[Combined]
    rankings: list[Ranking]


@router.get("/v1/models/{model_id}/relatives", responses=documented(404))
def list_relatives(
    session: Reading,
    runtime: Running,
    model_id: ModelId,
    k: Count = 10,
    protocol: ProtocolName = None,
    only: Only = EVERY,
) -> Relatives:
    """The nearest models to one, by its id."""
    return _relatives(session, runtime, (models.get(session, model_id), k, protocol), only)


@router.get("/v1/relatives", responses=documented(404, 409))
def find_relatives_by_name(
    session: Reading,
    runtime: Running,
    model: ModelName,
    k: Count = 10,
    protocol: ProtocolName = None,
    only: Only = EVERY,
) -> Relatives:
    """The nearest models to one, by any name of it."""
    return _relatives(session, runtime, (models.find(session, model), k, protocol), only)


def _relatives(
    session: Session, runtime: Running, asked: tuple[ModelRecord, int, str | None], only: Filter
) -> Relatives:
    model, k, protocol = asked
    chosen = find_protocol(session, protocol) if protocol else None
    found = find_relatives(session, runtime.candidates, model, chosen, k, only)
    noises = {ranking.protocol.digest: ranking.noise for ranking in found.rankings}
    return Relatives(
        model=model_name(model),
        copies=[model_name(copy) for copy in found.copies],
        combined=[
            Combined(
                **_shown(one, noises[one.protocol.digest]), protocol=protocol_name(one.protocol)
            )
            for one in found.combined
        ],
        rankings=[_ranking(ranking) for ranking in found.rankings],
    )


def _ranking(ranked: Ranked) -> Ranking:
    return Ranking(
        protocol=protocol_name(ranked.protocol),
        score=NAMES[ranked.protocol.response],
        reference=ReferenceVersion(version=ranked.reference_version),
        population=ranked.population,
        passed=ranked.passed,
        noise=noise_shown(ranked.noise),
        relatives=[Relative(**_shown(found, ranked.noise)) for found in ranked.relatives],
        note=READ if ranked.reference_version else FEW,
    )


def _shown(found: Found, noise: Repeated | None) -> dict[str, Any]:
    model, score = found.model, found.judged.score
    return {
        "model": ModelLink(id=model.id, name=model.name, ref=str(model.ref)),
        "copies": [model_name(copy) for copy in found.copies],
        "evidence": found.entry.evidence,
        "score": score,
        "within_noise": None if noise is None else noise.covers(score),
        **judged_shown(found.judged),
    }
