"""A server on loopback that does to a request what a test says, in threads of this process."""

import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[["Handler"], None]


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "_Server"
    asked: Asked

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        body = json.loads(self.rfile.read(length))
        self.asked = Asked(self.path, dict(self.headers.items()), body)
        self.server.faulty.take(self)

    def reply(self, status: int, body: bytes | dict[str, Any], **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(raw)
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Faulty:
    """What to do: the steps of `script`, one a request, then `usual` for ever."""

    usual: Act
    script: list[Act] = field(default_factory=list)
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, handler: Handler) -> None:
        with self._lock:
            self.asked.append(handler.asked)
            act = self.script.pop(0) if self.script else self.usual
        act(handler)


class _Server(ThreadingHTTPServer):
    faulty: Faulty
    # A handler that hangs on purpose must not keep the test from ending.
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(faulty: Faulty, tls: ssl.SSLContext | None = None) -> Iterator[Faulty]:
    """Serve on a free port of loopback until the block ends, encrypted with `tls`."""
    with _Server(("127.0.0.1", 0), Handler) as server:
        server.faulty = faulty
        faulty.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/v1"
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield faulty
        finally:
            server.shutdown()
            thread.join()


def chat(content: str | None, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A good answer of a chat API."""
    choice = {"message": {"content": content}, "finish_reason": finish}
    return {"model": "m-1", "choices": [choice], **more}


def says(status: int, body: bytes | dict[str, Any], **headers: str) -> Act:
    """Answer with this."""
    return lambda handler: handler.reply(status, body, **headers)


def error(message: str, **more: str) -> dict[str, Any]:
    """A problem, as these APIs write it."""
    return {"error": {"message": message, **more}}
