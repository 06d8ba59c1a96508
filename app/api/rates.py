"""Evolutionary speed: how much the models of each family change in a year."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.dependencies import Reading, Running
from app.api.evolving import (
    AskedOfTree,
    Key,
    QuestionBody,
    SignalShown,
    TreeNamed,
    signal_shown,
    tree_asked,
    tree_named,
    tree_of,
)
from app.api.problems import documented
from app.api.schemas import Date, ModelName
from app.api.texts import PlainText
from app.api.views import model_name
from app.phylo.rate_comparison import Comparison
from app.phylo.rates import FamilyRate as Found
from app.services.rates import DISTANCE, REPLICATES, Rates, Told, rates

router = APIRouter(tags=["trees"])

MOST_REPLICATES = 200
SIGNIFICANT = 0.05
Replicates = Annotated[int, Field(ge=0, le=MOST_REPLICATES)]


class RatesBody(QuestionBody):
    """What `GET /v1/rates` asks, and families and dates that the caller knows, by model."""

    replicates: Replicates = REPLICATES
    families: dict[Key, PlainText] | None = Field(
        None, description="Families by model, in place of the declared ones."
    )
    released: dict[Key, Date] = Field(default={}, description="Release dates by model.")


class FamilyRate(BaseModel):
    """How fast a family moves away from its earliest member, `origin`; distance a year.

    Interval: 95 %. `p_value`: of no change with time (two-sided). All are null where it is
    inconclusive.
    """

    family: str
    n_models: int
    n_dated: int
    first: str | None
    last: str | None
    verdict: Literal["measured", "inconclusive"]
    rate: float | None
    low: float | None
    high: float | None
    p_value: float | None
    origin: ModelName | None
    why: str


class Difference(BaseModel):
    """How much faster `a` is than `b`; `q_value`: after all pairs of families."""

    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float
    q_value: float


class RateComparison(BaseModel):
    """Whether the families that were measured share one rate: `p_value` of one `common` rate."""

    verdict: Literal["different", "no difference shown", "inconclusive"]
    n_families: int
    common: float | None
    p_value: float | None
    permutations: int
    differences: list[Difference]


class EvolutionaryRates(BaseModel):
    """The rates of the families of a tree; `unmatched` are names that mean no one tip of it."""

    tree: TreeNamed
    signal: SignalShown
    replicates: int = Field(description="Trees of resampled probes that are in the intervals.")
    families: list[FamilyRate]
    comparison: RateComparison
    unmatched: list[str]


@router.get("/v1/rates", responses=documented(404, 409))
def read_rates(
    session: Reading,
    runtime: Running,
    asked: AskedOfTree,
    replicates: Annotated[
        int, Query(ge=0, le=MOST_REPLICATES, description="Trees of resampled probes.")
    ] = REPLICATES,
) -> EvolutionaryRates:
    """The evolutionary speed of every declared family, and whether families differ.

    Read from a tree of angular distances: others depend on how many models lie near.
    """
    built = tree_of(session, runtime, asked, DISTANCE)
    return _shown(rates(session, built, Told(), replicates))


@router.post("/v1/rates", responses=documented(400, 404, 409, 413))
def ask_rates(session: Reading, runtime: Running, body: RatesBody) -> EvolutionaryRates:
    """The same as GET, with families and dates that the caller knows."""
    built = tree_of(session, runtime, tree_asked(session, body), DISTANCE)
    return _shown(rates(session, built, Told(body.families, body.released), body.replicates))


def _shown(found: Rates) -> EvolutionaryRates:
    return EvolutionaryRates(
        tree=tree_named(found.built),
        signal=signal_shown(found.signal),
        replicates=found.replicates,
        families=[_family(found, one) for one in found.rates],
        comparison=_comparison(found.comparison),
        unmatched=list(found.unmatched),
    )


def _family(found: Rates, one: Found) -> FamilyRate:
    tips = [tip for tip, family in enumerate(found.families) if family == one.family]
    dates = sorted(found.released[tip] for tip in tips if found.released[tip])
    return FamilyRate(
        family=one.family,
        n_models=len(tips),
        n_dated=one.n,
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        verdict="inconclusive" if one.rate is None else "measured",
        rate=one.rate,
        low=one.low,
        high=one.high,
        p_value=one.p_value,
        origin=None if one.origin is None else model_name(found.built.tips[one.origin][0]),
        why=one.why,
    )


def _comparison(found: Comparison) -> RateComparison:
    verdict: Literal["different", "no difference shown", "inconclusive"] = "inconclusive"
    if found.p_value is not None:
        verdict = "different" if found.p_value <= SIGNIFICANT else "no difference shown"
    return RateComparison(
        verdict=verdict,
        n_families=found.families,
        common=found.common,
        p_value=found.p_value,
        permutations=found.permutations,
        differences=[Difference(**vars(one)) for one in found.differences],
    )
