"""Evidence: what the score of two models is made of, shown so that a person can judge it."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api.dependencies import ProtocolName, Reading
from app.api.evidence_shown import PairEvidence, evidence_shown
from app.api.problems import documented
from app.api.texts import PlainText
from app.records import ModelRecord
from app.services.evidence import MOST_PROBES, explain
from app.services.known_protocols import find as find_protocol
from app.store import models
from app.store.database import Session

router = APIRouter(tags=["evidence"])

Id = Annotated[PlainText, Path(description="A model's id, mdl_...")]
Named = Annotated[PlainText, Query(description="A model's id, ref or any unambiguous name.")]
Count = Annotated[int, Query(ge=1, le=MOST_PROBES, description="Probes for, and as many against.")]


@router.get("/v1/models/{a}/evidence/{b}", responses=documented(404, 409, 410))
def read_evidence(
    session: Reading, a: Id, b: Id, protocol: ProtocolName = None, n: Count = 5
) -> PairEvidence:
    """What speaks for and against two models being related, by their ids.

    Without a protocol it is the one that decides the verdict: `likelihood-v1` where both share it.
    """
    return _evidence(session, models.get(session, a), models.get(session, b), protocol, n)


@router.get("/v1/evidence", responses=documented(404, 409, 410))
def find_evidence_by_name(
    session: Reading, a: Named, b: Named, protocol: ProtocolName = None, n: Count = 5
) -> PairEvidence:
    """What speaks for and against two models being related, by any names of them."""
    return _evidence(session, models.find(session, a), models.find(session, b), protocol, n)


def _evidence(
    session: Session, a: ModelRecord, b: ModelRecord, protocol: str | None, n: int
) -> PairEvidence:
    chosen = find_protocol(session, protocol) if protocol else None
    return evidence_shown(a, b, explain(session, a, b, chosen, n))
