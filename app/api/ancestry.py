"""Ancestors and descendants: relatives with the reasons for direction, or `inconclusive`."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.ancestry_shown import Ancestors, Descendants, ancestors_shown, descendants_shown
from app.api.dependencies import ModelId, ModelName, Reading, Running
from app.api.problems import documented
from app.records import ModelRecord
from app.services.ancestry.finding import find_ancestry
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["ancestry"])

Count = Annotated[int, Query(ge=1, le=200, description="At most so many in each list.")]


@router.get("/v1/models/{model_id}/ancestors", responses=documented(404))
def list_ancestors(
    session: Reading, runtime: Running, model_id: ModelId, k: Count = 10
) -> Ancestors:
    """The likely ancestors of a model, by its id."""
    return _ancestors(session, runtime, models.get(session, model_id), k)


@router.get("/v1/ancestors", responses=documented(404, 409))
def find_ancestors_by_name(
    session: Reading, runtime: Running, model: ModelName, k: Count = 10
) -> Ancestors:
    """The likely ancestors of a model, by any name of it."""
    return _ancestors(session, runtime, models.find(session, model), k)


@router.get("/v1/models/{model_id}/descendants", responses=documented(404))
def list_descendants(
    session: Reading, runtime: Running, model_id: ModelId, k: Count = 10
) -> Descendants:
    """The likely descendants of a model, by its id."""
    return _descendants(session, runtime, models.get(session, model_id), k)


@router.get("/v1/descendants", responses=documented(404, 409))
def find_descendants_by_name(
    session: Reading, runtime: Running, model: ModelName, k: Count = 10
) -> Descendants:
    """The likely descendants of a model, by any name of it."""
    return _descendants(session, runtime, models.find(session, model), k)


def _ancestors(session: Session, runtime: Running, model: ModelRecord, k: int) -> Ancestors:
    found = find_ancestry(session, runtime.candidates, model, "ancestor", k)
    return ancestors_shown(session, found)


def _descendants(session: Session, runtime: Running, model: ModelRecord, k: int) -> Descendants:
    found = find_ancestry(session, runtime.candidates, model, "descendant", k)
    return descendants_shown(session, found)
