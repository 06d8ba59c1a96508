"""Trees: of some models, of a family, around a model, or of all, in many forms."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from app.api.dependencies import ModelId, ProtocolName, Reading, Running
from app.api.problems import documented
from app.api.schemas import Job
from app.api.texts import PlainText
from app.api.tree_asked import Form, GrowthAsked, K, PictureAsked, TreeAsked
from app.api.tree_shown import Tree, tree_shown
from app.api.views import jobs_shown
from app.services.default_protocol import for_model, for_tree
from app.services.known_protocols import find as find_protocol
from app.services.trees.growing_standing import submit
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["trees"])

TEXT = {"schema": {"type": "string"}}
BYTES = {"schema": {"type": "string", "format": "binary"}}
FORMS = {
    "content": {
        "text/plain": TEXT,
        "text/csv": TEXT,
        "application/xml": TEXT,
        "image/svg+xml": TEXT,
        "image/png": BYTES,
    }
}
FormAsked = Annotated[Form, Query(alias="format", description="JSON, a file, or a picture.")]


class NewTree(BaseModel):
    """Which protocol's tree is to be grown; the one that `GET /v1/tree` would take if left out."""

    protocol: PlainText | None = None


@router.get("/v1/tree", response_model=Tree, responses={200: FORMS, **documented(404, 409)})
def read_tree(built: TreeAsked, picture: PictureAsked, form: FormAsked = "json") -> Response:
    """The tree of models under one protocol: of those named, of a family, around one, or of all.

    Without a protocol it is `likelihood-v1` if that has a tree, else the one with most entries.
    Of very many models it is the standing tree, which a job grows; models that came after it
    are placed into it.
    """
    return tree_shown(built, form, picture)


@router.get(
    "/v1/models/{model_id}/tree",
    response_model=Tree,
    responses={200: FORMS, **documented(404, 409)},
)
def read_tree_around(  # noqa: PLR0913  one parameter a part of the query
    session: Reading,
    runtime: Running,
    model_id: ModelId,
    growth: GrowthAsked,
    picture: PictureAsked,
    protocol: ProtocolName = None,
    k: K = 50,
    form: FormAsked = "json",
) -> Response:
    """The tree of a model and its nearest, by its id."""
    model = models.get(session, model_id)
    chosen = find_protocol(session, protocol) if protocol else for_model(session, model)
    return tree_shown(runtime.trees.around(session, chosen, model, k, growth), form, picture)


@router.post(
    "/v1/trees",
    status_code=202,
    responses={
        200: {"model": Job, "description": "The job that grows it already."},
        **documented(400, 404, 409, 413),
    },
)
def grow_tree(runtime: Running, body: NewTree, response: Response) -> Job:
    """Have the standing tree of a protocol grown anew by a worker."""

    def work(session: Session) -> tuple[Job, bool]:
        chosen = find_protocol(session, body.protocol) if body.protocol else for_tree(session)
        job, is_new = submit(session, chosen)
        return jobs_shown(session, [job])[0], is_new

    job, is_new = runtime.database.transact(work)
    # After the commit: a worker that is rung sooner finds nothing.
    runtime.worker.ring()
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    if is_new:
        response.headers["Retry-After"] = "1"
    return job
