"""Errors as RFC 9457 problems: the one table from errors to HTTP statuses."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.errors import (
    ConflictError,
    GenebankError,
    InputError,
    ModelError,
    NotFoundError,
    SetupError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "5"

STATUSES: dict[type[GenebankError], int] = {
    InputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    ModelError: 422,
    SetupError: 503,
}
# Where the code says more than the class.
STATUSES_OF_CODES: dict[str, int] = {
    "bad_cursor": 404,  # well formed, but there is no such page
    "outside_roots": 403,
    "responses_pruned": 410,
    "model_withdrawn": 410,
    "request_too_large": 413,
    "gated": 403,  # the owner of a model grants access, and has not
    "disabled": 403,
    # Nothing is wrong with the question: what is registered cannot answer it.
    "too_few_tips": 409,
    "too_few_shared_tips": 409,
    "too_many_tips": 409,
    "too_few_dates": 409,
    "no_signal": 409,
    "no_distances": 409,
    "no_support": 409,
    "bad_outgroup": 409,
    "bad_distance": 409,
    "picture_too_large": 409,
    "too_many_splits": 409,
    "no_such_entry": 409,
    # Each part of the question is right, but one contradicts another.
    "bad_choice": 409,
    "bad_collapse": 409,
    "bad_rooting": 409,
    "bad_style": 409,
    "named_twice": 409,
}
# What the framework finds by itself.
CODES: dict[int, tuple[str, str]] = {
    400: ("unreadable_body", "The body could not be read: send JSON in UTF-8."),
    404: ("no_such_route", "There is nothing at this address: see /docs."),
    405: ("method_not_allowed", "This address does not take that method: see the Allow header."),
    408: ("body_stalled", "The rest of the body did not come: send it again, without pauses."),
    413: ("request_too_large", ""),
}


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(
        description="JSON pointer into the request: /query/..., /path/..., /header/... or /body/..."
    )
    detail: str


class Problem(BaseModel):
    """Why a request failed (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = Field(description="Names this very request; also in the X-Request-ID header.")
    code: str = Field(description="A stable word for programs.")
    near: list[str] | None = Field(None, description="Names that look like one that is unknown.")
    errors: list[Fault] | None = None


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of operations that may fail with these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"description": HTTPStatus(s).phrase, "content": content} for s in statuses}


def install(app: FastAPI) -> None:
    """Let every deliberate error, and those of the framework, be answered with a problem."""
    app.add_exception_handler(GenebankError, _deliberate)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _framework)


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: object,
) -> Response:
    """The answer for one problem."""
    body = {
        "type": f"urn:genebank:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": detail,
        "instance": f"urn:genebank:request:{request.state.request_id}",
        "code": code,
        **more,
    }
    text = json.dumps(body, ensure_ascii=False)
    # A name with half a surrogate pair must not break the answer that complains of it.
    return Response(text.encode(errors="replace"), status, headers, MEDIA_TYPE)


def unexpected(request: Request) -> Response:
    """The answer when something broke that nobody foresaw; says nothing of what it was."""
    request_id = request.state.request_id
    return problem(
        request,
        500,
        "internal_error",
        f"Something broke on our side: report request {request_id}.",
    )


def ending(request: Request) -> Response:
    """The answer to whom a server that ends cannot wait for any longer."""
    return problem(
        request,
        503,
        "shutting_down",
        "This service ends; nothing that it accepted is lost. Ask again soon.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def status_of(error: GenebankError) -> int:
    """The HTTP status of a deliberate error."""
    if error.code in STATUSES_OF_CODES:
        return STATUSES_OF_CODES[error.code]
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


async def _deliberate(request: Request, error: Exception) -> Response:
    if not isinstance(error, GenebankError):
        raise error
    status = status_of(error)
    near = {"near": list(error.near)} if isinstance(error, NotFoundError) else {}
    headers = {"Retry-After": RETRY_AFTER_S} if status == 503 else None
    return problem(request, status, error.code, error.detail, headers=headers, **near)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{"pointer": _pointer(item["loc"]), "detail": item["msg"]} for item in error.errors()]
    detail = "The request does not fit: mend what `errors` points at."
    return problem(request, 422, "invalid_request", detail, errors=faults)


async def _framework(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = error.status_code
    code, detail = CODES.get(status, (f"http_{status}", ""))
    detail = detail or str(error.detail)
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = _allowed(request) or headers.get("Allow", "")
    return problem(request, status, code, detail, headers=headers)


def _allowed(request: Request) -> str:
    """All methods of the address: the framework itself names those of one route only."""
    template = getattr(request.scope.get("route"), "path_format", None)
    methods = request.app.openapi()["paths"].get(template, {})
    return ", ".join(method.upper() for method in methods)


def _pointer(location: Sequence[object]) -> str:
    match location:
        case ["body", int()]:  # Where JSON does not parse: an offset, no place in a document.
            location = location[:1]
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)
