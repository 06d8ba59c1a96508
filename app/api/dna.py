"""DNA: the compact vector of one model under one protocol."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.dependencies import ModelId, ModelName, ProtocolName, Reading
from app.api.problems import documented
from app.api.schemas import Entry
from app.api.schemas import ModelName as ModelNamed
from app.api.schemas import ProtocolName as ProtocolNamed
from app.api.views import entries_shown, model_name, protocol_name
from app.records import ModelRecord
from app.services.default_protocol import for_model
from app.services.known_protocols import find as find_protocol
from app.store import entries, models
from app.store.database import Session

router = APIRouter(tags=["dna"])


class ModelDna(BaseModel):
    """The DNA of a model, and the entry that it belongs to."""

    model: ModelNamed
    protocol: ProtocolNamed
    entry: Entry
    dna: list[float]


@router.get("/v1/models/{model_id}/dna", responses=documented(404))
def read_dna(session: Reading, model_id: ModelId, protocol: ProtocolName = None) -> ModelDna:
    """The DNA of a model, by its id."""
    return _dna(session, models.get(session, model_id), protocol)


@router.get("/v1/dna", responses=documented(404, 409))
def find_dna(session: Reading, model: ModelName, protocol: ProtocolName = None) -> ModelDna:
    """The DNA of a model, by any name of it."""
    return _dna(session, models.find(session, model), protocol)


def _dna(session: Session, model: ModelRecord, name: str | None) -> ModelDna:
    protocol = find_protocol(session, name) if name else for_model(session, model)
    entry = entries.get(session, model, protocol)
    [shown] = entries_shown(session, [entry])
    return ModelDna(
        model=model_name(model),
        protocol=protocol_name(protocol),
        entry=shown,
        dna=entries.dna(session, entry).tolist(),
    )
