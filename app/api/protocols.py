"""Protocols: how fingerprints are made here."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from app.api.dependencies import Reading
from app.api.problems import documented
from app.api.schemas import Protocol, ProtocolInFull
from app.api.texts import PlainText
from app.api.views import protocol_shown
from app.services import known_protocols

router = APIRouter(tags=["protocols"])


class Protocols(BaseModel):
    """All protocols."""

    data: list[Protocol]


@router.get("/v1/protocols")
def list_protocols(session: Reading) -> Protocols:
    """List all protocols: those in use, oldest first, then those that wait for a first model."""
    return Protocols(data=[protocol_shown(session, p) for p in known_protocols.every(session)])


# The name of a protocol may hold slashes, as labels do.
@router.get("/v1/protocols/{name:path}", responses=documented(404))
def read_protocol(
    session: Reading,
    name: Annotated[PlainText, Path(description="A protocol's name, digest, or its beginning.")],
) -> ProtocolInFull:
    """One protocol with its probes."""
    protocol = known_protocols.find(session, name)
    shown = protocol_shown(session, protocol)
    return ProtocolInFull(**dict(shown), probes=list(protocol.probe_set.probes))
