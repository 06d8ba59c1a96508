"""Strong ETags on what GET answers under /v1, and 304 to those who have it already."""

import hashlib
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.freshness import Freshness, Remembered

ROOT = "/v1/"
# Of events, which never end, and of a whole registry, which fits no memory.
STREAMS = ("text/event-stream", "application/x-ndjson")


# Answers that depend on the database and the index alone: not on the time, nor on a wait.
LASTING = re.compile(
    r"/v1/(relatives|ancestors|descendants|compare|protocols|models)"
    r"|/v1/models/[^/]+(/(relatives|ancestors|descendants|dna|evidence/[^/]+))?"
)
# What an answer may depend on beside its address.
VARYING = ("accept", "authorization")


class ETags:
    """A middleware; answers are held back until they are whole, streams of events are not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._freshness = Freshness()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not scope["path"].startswith(ROOT)
        ):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        if not known or not LASTING.fullmatch(scope["path"]):
            await self._app(scope, receive, _Held(send, known))
            return
        await self._revalidated(scope, receive, send, known)

    async def _revalidated(self, scope: Scope, receive: Receive, send: Send, known: str) -> None:
        """Answer at once what is as the caller has it."""
        headers = Headers(scope=scope)
        key = (scope["path"], scope["query_string"], *(headers.get(v, "") for v in VARYING))
        state = await self._freshness.state(scope["app"].state.runtime)
        found = None if state is None else self._freshness.recall(key, state)
        if found is not None and _names(known, found.tag):
            scope["route"] = found.route
            await _Held(send, known).not_modified(found.tag)
            return
        held = _Held(send, known)
        await self._app(scope, receive, held)
        if state is not None and held.tag:
            self._freshness.remember(key, Remembered(state, held.tag, scope.get("route")))


class _Held:
    """A `send` that lets nothing of an answer out before its ETag is known."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self.tag = ""
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

    async def not_modified(self, tag: str) -> None:
        """Answer that the caller has it."""
        self._body.clear()
        await self._sent({"type": "http.response.start", "status": 200, "headers": []}, tag)

    async def _release(self, start: Message) -> None:
        self.tag = f'"{hashlib.sha256(self._body).hexdigest()}"'
        await self._sent(start, self.tag)

    async def _sent(self, start: Message, tag: str) -> None:
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
    return start["status"] == 200 and not kind.startswith(STREAMS)


def _names(header: str, tag: str) -> bool:
    """Whether an If-None-Match header means the tag; compared weakly, as RFC 9110 asks."""
    asked = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in asked or asked == ["*"]
