"""Bulk: models that were answered elsewhere come in, and all that is known goes out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from app.api.dependencies import ProtocolName, Running
from app.api.problems import documented
from app.api.schemas import ProtocolName as NamedProtocol
from app.api.texts import PlainText
from app.api.uploads import spooled
from app.api.views import protocol_name
from app.services.import_body import MOST_LISTED, import_body
from app.services.registry_file.streaming import registry_lines

router = APIRouter(tags=["bulk"])

LINES = "application/x-ndjson"
TEXT = {"schema": {"type": "string"}}
BODY = {"requestBody": {"required": True, "content": {LINES: TEXT}}}

Probes = Annotated[
    PlainText | None,
    Query(description="Of answers: name or digest of a protocol whose probes were answered."),
]
Name = Annotated[
    PlainText | None,
    Query(description="Of vectors: where they come from, which names their protocol."),
]


class ImportSummary(BaseModel):
    """What an import did."""

    protocol: NamedProtocol
    added: int = Field(description="Models that are new, or wait as jobs for their encoder.")
    duplicates: int = Field(description="Models that were there with the same responses.")
    duplicate_models: list[str] = Field(description=f"The first {MOST_LISTED:,} of them.")
    withdrawn: int = Field(description="Models that were withdrawn, and stay so.")


@router.post("/v1/imports", responses=documented(404, 409, 413), openapi_extra=BODY)
async def import_models(
    request: Request, runtime: Running, probes: Probes = None, name: Name = None
) -> ImportSummary:
    """Hand in what many models answered, or vectors of them: a file as `genebank import` takes.

    One JSON object a line, plain or gzip: `{"model": label, "answers": [...]}` with `?probes=`, or
    `{"model": label, "vector": [...]}` with `?name=`. Nothing is stored of a body with a bad line.
    The answer comes when all is stored; a request that was interrupted may be sent again.
    """
    async with spooled(request, runtime.max_import_bytes) as path:
        imported, there = await run_in_threadpool(import_body, runtime.database, path, probes, name)
    runtime.worker.ring()
    return ImportSummary(
        protocol=protocol_name(imported.protocol),
        added=imported.added,
        duplicates=imported.duplicates,
        withdrawn=imported.withdrawn,
        duplicate_models=there,
    )


@router.get(
    "/v1/export",
    response_class=StreamingResponse,
    response_description="A registry file, one JSON object a line; the last is `end`.",
    responses={200: {"content": {LINES: TEXT}}, **documented(404)},
)
def export_registry(runtime: Running, protocol: ProtocolName = None) -> StreamingResponse:
    """All that is known, or what is known under one protocol, for `genebank import` elsewhere."""
    return StreamingResponse(registry_lines(runtime.database, protocol), media_type=LINES)
