"""Models: hand one in, list them, look one up."""

from functools import partial

import structlog
from fastapi import APIRouter, Request, Response

from app.api import idempotency
from app.api.dependencies import ModelId, ModelName, Reading, Running
from app.api.paging import Page, Paging
from app.api.problems import documented
from app.api.schemas import Model, ModelInFull, NewClaims, NewModel, Registration
from app.api.views import jobs_shown, model_in_full, models_shown
from app.records import Claim, ClaimKind
from app.services.model_refs import Pinned, pin
from app.services.register_model import register_model as register
from app.store import jobs, models
from app.store.database import Session
from app.store.idempotency import Answer

log = structlog.get_logger(__name__)

router = APIRouter(tags=["models"])

# How a claim of this source is to be read: whoever handed the model in said so.
SUBMITTER = "submitter"
JOB_LINK = {"operationId": "read_job", "parameters": {"job_id": "$response.body#/job/id"}}
TEXT = {"schema": {"type": "string"}}
ACCEPTED = {
    "headers": {"Location": TEXT, "Retry-After": TEXT},
    "links": {"read_job": JOB_LINK},
}


@router.post(
    "/v1/models",
    status_code=202,
    response_model=Registration,
    response_description="The job that will fingerprint it; its address is in Location.",
    responses={
        200: {"model": Registration, "description": "The job that did or does it already."},
        202: ACCEPTED,
        **documented(400, 403, 404, 409, 413),
    },
)
def register_model(
    body: NewModel, request: Request, runtime: Running, key: idempotency.Key = None
) -> Response:
    """Hand in a model to be fingerprinted, and to be asked again if that is wanted."""
    digest = idempotency.request_digest(request, body.model_dump(mode="json"))
    kept = idempotency.kept(runtime.database, key, digest)
    if kept is not None:
        return idempotency.response(kept, replayed=True)
    # Before the transaction: the hub may take its time.
    pinned = pin(runtime.sources, body.model)

    def work(session: Session) -> tuple[Answer, bool]:
        return idempotency.once(session, key, digest, lambda: _register(session, body, pinned))

    answer, replayed = runtime.database.transact(work)
    runtime.worker.ring()
    # With the request's id beside it: what a worker says of the job can be followed back.
    ids = {name: answer.body[name]["id"] for name in ("job", "model")}
    log.info("model handed in", **ids, status=answer.status, replayed=replayed)
    return idempotency.response(answer, replayed=replayed)


@router.get("/v1/models", responses=documented(404, 409))
def list_models(session: Reading, paging: Paging, model: ModelName | None = None) -> Page[Model]:
    """List models, oldest first; or, with `model=`, the one that a name means."""
    if model is not None:
        found = models.find(session, model)
        return Page(data=models_shown(session, [found]), next_cursor=None)
    rows, following = paging.cut("models", partial(models.page, session))
    return Page(data=models_shown(session, rows), next_cursor=following)


@router.get("/v1/models/{model_id}", responses=documented(404, 410))
def read_model(session: Reading, model_id: ModelId) -> ModelInFull:
    """One model with its entries and latest jobs."""
    model = models.get(session, model_id)
    return model_in_full(session, model, jobs.of_model(session, model.id))


def _register(session: Session, body: NewModel, pinned: Pinned) -> Answer:
    claims = claims_of(body.claims or NewClaims())
    registered = register(session, pinned, claims, body.protocols, body.replicates)
    [model] = models_shown(session, [registered.model])
    job, *replicates = jobs_shown(session, [registered.job, *registered.replicates])
    headers = {"Location": f"/v1/jobs/{job.id}"}
    if registered.is_new:
        headers["Retry-After"] = "1"
    shown = Registration(model=model, job=job, replicates=replicates)
    return Answer(202 if registered.is_new else 200, headers, shown.model_dump(mode="json"))


def claims_of(said: NewClaims) -> list[Claim]:
    """What a submitter says, as claims."""
    kinds: tuple[tuple[ClaimKind, str | None], ...] = (
        ("declared_base", said.declared_base),
        ("licence", said.licence),
        ("released", said.released),
    )
    return [Claim(kind, value, SUBMITTER) for kind, value in kinds if value is not None]
