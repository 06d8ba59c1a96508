"""A socket to listen on, and uvicorn on it."""

import gc
import logging
import math
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import uvicorn

from app.errors import SetupError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

# Seconds for which an idle connection is kept for its client's next request.
IDLE_S = 15


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; SetupError `cannot_listen` when the address is taken or no good.

    Opened before the app is made, so that a second service on one address does nothing at all.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SetupError(
            "cannot_listen",
            f"Cannot listen on {host}, port {port} ({error.strerror}): choose another with --port, "
            "or end the program that has it.",
        ) from error


def run(
    app: "ASGIApp", listener: socket.socket, announce: Callable[[], None], grace_s: float = 5.0
) -> None:
    """Serve until interrupted; `announce` is called when requests are answered.

    Then no more connections are taken, requests and open streams have `grace_s` seconds to end,
    and the app ends what it runs. Raises what the app raised while it started or ended.
    """
    edge = _Edge(app)
    config = uvicorn.Config(
        edge,
        lifespan="on",
        log_config=None,
        log_level=logging.CRITICAL,
        access_log=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=math.ceil(grace_s),
    )
    try:
        _Server(config, announce).run(sockets=[listener])
    except SystemExit:
        if edge.error is None:
            raise
    if edge.error is not None:
        raise edge.error


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        # What was loaded stays: looked through for garbage, it would hold all requests up.
        gc.freeze()
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        self._announce()


class _Edge:
    """The app; keeps the error with which it does not start, which uvicorn would only log."""

    def __init__(self, app: "ASGIApp") -> None:
        self.error: Exception | None = None
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "lifespan":
                self.error = error
            raise
