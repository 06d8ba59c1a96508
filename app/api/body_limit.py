"""Bodies of requests are small here; larger ones are refused before or while they come."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import CODES, problem

MAX_BODY = 64 << 10
CODE, DETAIL = CODES[413]


class BodyLimit:
    """A middleware that answers 413. FastAPI's own limit answers in plain text."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and int(declared) > MAX_BODY:
            answer = problem(Request(scope), 413, CODE, DETAIL)
            await answer(scope, receive, send)
            return
        await self._app(scope, _Counted(receive), send)


class _Counted:
    """A `receive` that stops a body of undeclared length when it grows too large."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._left = MAX_BODY

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413, DETAIL)
        return message
