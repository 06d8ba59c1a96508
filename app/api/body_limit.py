"""Bodies of requests are small here, but for a few addresses; larger ones are refused before or
while they come.
"""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import CODES, problem

MAX_BODY = 64 << 10
# Bytes of larger bodies, by path; None: the address itself reads its body as a stream, and counts.
OF_PATHS: dict[str, int | None] = {"/v1/models:batch": 16 << 20, "/v1/imports": None}
CODE, _ = CODES[413]


class BodyLimit:
    """A middleware that answers 413. FastAPI's own limit answers in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = OF_PATHS.get(scope["path"], MAX_BODY)
        if limit is None:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > limit:
            answer = problem(Request(scope), 413, CODE, _detail(limit))
            await answer(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit), send)


class _Counted:
    """A `receive` that stops a body of undeclared length when it grows too large."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, _detail(self._limit))
        return message


def _detail(limit: int) -> str:
    return f"The body of a request to this address holds at most {limit >> 10:,} KiB."
