"""Who begins to send a body and then sends nothing more is not waited for."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import CODES

# Between two parts of a body, however large the whole.
PATIENCE_S = 30.0
_, DETAIL = CODES[408]


class Stalling:
    """A middleware that answers 408 when the rest of a body does not come."""

    def __init__(self, app: ASGIApp, patience_s: float = PATIENCE_S) -> None:
        self._app = app
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http":
            receive = _Awaited(receive, self._patience_s)
        await self._app(scope, receive, send)


class _Awaited:
    """A `receive` that loses patience, until the body is whole: after it, silence is usual."""

    def __init__(self, receive: Receive, patience_s: float) -> None:
        self._receive = receive
        self._patience_s = patience_s
        self._is_whole = False

    async def __call__(self) -> Message:
        if self._is_whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._patience_s)
        except TimeoutError as error:
            raise HTTPException(408, DETAIL) from error
        self._is_whole = not message.get("more_body", False)
        return message
