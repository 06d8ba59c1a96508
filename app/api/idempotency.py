"""Idempotency-Key: a request that comes twice is done once and answered twice alike."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request, Response
from starlette.responses import JSONResponse

from app.dna.canonical import Json, digest_json
from app.store import idempotency
from app.store.database import Database, Session
from app.store.idempotency import Answer

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern="^[!-~]([ -~]*[!-~])?$",
        description="Printable ASCII of your choice. The same key with the same request gets "
        "the stored answer; with another request 422.",
    ),
]


def request_digest(request: Request, body: Json) -> str:
    """What two requests must have in common to count as one."""
    return digest_json([request.method, request.url.path, body])


def kept(database: Database, key: str | None, digest: str) -> Answer | None:
    """The answer kept under the key, if any: a look before work that costs much.

    Raises InputError `idempotency_key_reused`.
    """
    if key is None:
        return None
    with database.read() as session:
        return idempotency.replay(session, key, digest)


def once(
    session: Session, key: str | None, digest: str, work: Callable[[], Answer]
) -> tuple[Answer, bool]:
    """Return the answer kept under the key and True, or do the work, keep its answer, and False.

    To be run by `Database.transact`: of two at the same moment, the later one starts anew and
    finds the answer of the first. Raises InputError `idempotency_key_reused`.
    """
    if key is None:
        return work(), False
    kept = idempotency.replay(session, key, digest)
    if kept is not None:
        return kept, True
    answer = work()
    idempotency.keep(session, key, digest, answer)
    return answer, False


def response(answer: Answer, *, replayed: bool) -> Response:
    """The answer as it goes out."""
    headers = answer.headers | ({"Idempotent-Replayed": "true"} if replayed else {})
    return JSONResponse(answer.body, answer.status, headers)
