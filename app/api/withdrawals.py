"""Withdrawing models: nobody is told of them any more; and undoing that."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.dependencies import ModelId, ModelName, Running
from app.api.problems import documented
from app.api.schemas import Model, ModelLink, Moment, rfc3339
from app.api.texts import PlainText
from app.api.views import models_shown
from app.store import models, withdrawals
from app.store.database import Session

router = APIRouter(tags=["models"])

Reason = Annotated[
    PlainText, Query(description="Why: whoever asks for the model from now on is told.")
]


class Withdrawal(BaseModel):
    """A model that was withdrawn."""

    model: ModelLink
    reason: str
    withdrawn_at: Moment
    jobs_cancelled: int = Field(description="Jobs of it that waited or ran until now.")


@router.delete("/v1/models/{model_id}", responses=documented(404))
def withdraw_model(runtime: Running, model_id: ModelId, reason: Reason) -> Withdrawal:
    """Withdraw a model: nothing names it any more, and its ref cannot be handed in again.

    Its entries are kept, and shown under its copies as long as there are any. What references
    and grown trees were computed from stays in them until they are made anew. A model that is
    withdrawn already keeps its first reason.
    """
    done = runtime.database.transact(
        lambda session: withdrawals.withdraw(session, model_id, reason)
    )
    return Withdrawal(
        model=ModelLink(id=done.model_id, name=done.ref.label, ref=str(done.ref)),
        reason=done.reason,
        withdrawn_at=rfc3339(done.at),
        jobs_cancelled=done.jobs_cancelled,
    )


@router.post("/v1/models:reinstate", responses=documented(404))
def reinstate_model(runtime: Running, model: ModelName) -> Model:
    """Undo a withdrawal, by any name of the model: all is as before, but for cancelled jobs."""

    def work(session: Session) -> Model:
        found = models.find_withdrawn(session, model)
        withdrawals.reinstate(session, found.id)
        return models_shown(session, [models.get(session, found.id)])[0]

    return runtime.database.transact(work)
