"""Strong ETags on what GET answers under /v1, and 304 to those who have it already."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROOT = "/v1/"


class ETags:
    """A middleware; answers are held back until they are whole, streams of events are not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(ROOT):
            send = _Held(send, Headers(scope=scope).get("if-none-match", ""))
        await self._app(scope, receive, send)


class _Held:
    """A `send` that lets nothing of an answer out before its ETag is known."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_whole(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._release(self._start)

    async def _release(self, start: Message) -> None:
        tag = f'"{hashlib.sha256(self._body).hexdigest()}"'
        headers = MutableHeaders(raw=list(start["headers"]))
        headers["ETag"] = tag
        headers["Cache-Control"] = "no-cache"
        status, body = start["status"], bytes(self._body)
        if _names(self._known, tag):
            status, body = 304, b""
            del headers["content-length"], headers["content-type"]
        await self._send({**start, "status": status, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_whole(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and not kind.startswith("text/event-stream")


def _names(header: str, tag: str) -> bool:
    """Whether an If-None-Match header means the tag; compared weakly, as RFC 9110 asks."""
    asked = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in asked or asked == ["*"]
