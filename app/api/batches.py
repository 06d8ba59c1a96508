"""Many models in one request, each answered for itself."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.api.dependencies import Running
from app.api.models import claims_of
from app.api.problems import documented
from app.api.schemas import NewClaims, NewModel
from app.services.model_refs import MAX_REF
from app.services.register_batch import MOST_MODELS, Outcome, Wanted, register_batch

router = APIRouter(tags=["models"])


class OneOfMany(NewModel):
    """A model to be fingerprinted; what is no ref is a problem of this one alone."""

    model: str = Field(
        min_length=1,
        max_length=MAX_REF,
        description="As in a POST of it alone.",
        examples=["hf:org/name", "local:/models/tiny-llama"],
    )


def _not_too_many(models: list[OneOfMany]) -> list[OneOfMany]:
    if len(models) > MOST_MODELS:
        raise ValueError(f"send at most {MOST_MODELS:,} models at once")
    return models


class NewModels(BaseModel):
    """Models to be fingerprinted."""

    model_config = ConfigDict(extra="forbid")

    models: Annotated[list[OneOfMany], AfterValidator(_not_too_many)] = Field(
        min_length=1, description=f"Up to {MOST_MODELS:,}."
    )


class BatchProblem(BaseModel):
    """Why a model was not registered; `code` and `detail` are those of a POST of it alone."""

    code: str
    detail: str


class BatchResult(BaseModel):
    """What became of one model: it got a `job`, has an `existing` one, or there is a `problem`."""

    ref: str = Field(description="As it was handed in.")
    status: Literal["job", "existing", "problem"]
    model_id: str | None = None
    job_id: str | None = None
    problem: BatchProblem | None = None


class BatchResults(BaseModel):
    """What became of each model, in the order of the request."""

    jobs: int = Field(description="How many got a new job.")
    existing: int
    problems: int
    results: list[BatchResult]


@router.post("/v1/models:batch", responses=documented(400, 413))
def register_models(body: NewModels, runtime: Running) -> BatchResults:
    """Hand in up to 10,000 models; a request that comes twice finds the jobs of the first."""
    wanted = [
        Wanted(one.model, claims_of(one.claims or NewClaims()), one.protocols, one.replicates)
        for one in body.models
    ]
    outcomes = register_batch(runtime.database, runtime.sources, wanted, runtime.worker.ring)
    results = [_result(one.ref, outcome) for one, outcome in zip(wanted, outcomes, strict=True)]
    counts = [result.status for result in results]
    return BatchResults(
        jobs=counts.count("job"),
        existing=counts.count("existing"),
        problems=counts.count("problem"),
        results=results,
    )


def _result(ref: str, outcome: Outcome) -> BatchResult:
    if outcome.problem is not None:
        problem = BatchProblem(code=outcome.problem.code, detail=outcome.problem.detail)
        return BatchResult(ref=ref, status="problem", problem=problem)
    return BatchResult(
        ref=ref,
        status="job" if outcome.is_new else "existing",
        model_id=None if outcome.model is None else outcome.model.id,
        job_id=None if outcome.job is None else outcome.job.id,
    )
