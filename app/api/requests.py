"""What surrounds every request: its id, its line in the log, and an answer whatever breaks."""

import asyncio
import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__, measures
from app.api.problems import ending, unexpected

log = structlog.get_logger(__name__)

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Requests:
    """The outermost middleware; takes a caller's X-Request-ID when it is a plain word."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("x-request-id", "")
        request_id = asked if _ID.fullmatch(asked) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._logged(scope, receive, _Marked(send, request_id))

    async def _logged(self, scope: Scope, receive: Receive, send: "_Marked") -> None:
        begun = time.perf_counter()
        measures.request_began()
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if send.status:
                raise
            await ending(Request(scope))(scope, receive, send)
        except Exception:
            log.exception("request broke")
            if send.status:  # Too late for a better answer: the server must cut it off.
                raise
            await unexpected(Request(scope))(scope, receive, send)
        finally:
            ended = time.perf_counter()
            # The template, not the path: a log must not fill up with what callers invent.
            route = getattr(scope.get("route"), "path_format", None)
            measures.request_ended(
                route, scope["method"], send.status, (send.began or ended) - begun
            )
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=send.status,
                ms=round((ended - begun) * 1000, 1),
            )


class _Marked:
    """A `send` that adds what every answer has, and remembers its status and when it began."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.status = 0
        self.began = 0.0
        self._send = send
        self._request_id = request_id

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.began = time.perf_counter()
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["Genebank-Version"] = __version__
        await self._send(message)
