"""A small hub on loopback: enough of its HTTP for huggingface_hub, and faults on demand."""

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.hub.repositories import Answer, Repositories


@dataclass
class Asked:
    """A request and how it is answered; `sent` counts the bytes of `file`."""

    method: str
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int
    file: str


@dataclass
class Fault:
    """What goes wrong with the next `times` GET requests.

    With a status: those whose path ends in `path` get it, with headers and a body. Without one:
    those that bring the file `path` get a body that ends after `cut_after` bytes, or stops there
    (`hold_after`), or comes byte by byte (`trickle`), or from the beginning whatever range was
    asked for (`no_ranges`), or with a wrong first byte (`corrupt`).
    """

    path: str
    times: int = 1
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_after: int | None = None
    hold_after: int | None = None
    trickle: bool = False
    corrupt: bool = False
    no_ranges: bool = False

    def hits(self, path: str, answer: Answer) -> bool:
        """Whether it applies to a request and its true answer."""
        return path.endswith(self.path) if self.status else answer.file == self.path


class Hub(Repositories):
    """What the server serves, what it was asked, and what is to go wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []
        self.released = threading.Event()
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def fail(self, path: str, **what: Any) -> None:
        """Let something go wrong; see Fault."""
        self._faults.append(Fault(path, **what))

    def gets(self, file: str) -> list[Asked]:
        """The requests that brought content of a file."""
        return [asked for asked in self.asked if asked.method == "GET" and asked.file == file]

    def take_fault(self, path: str, answer: Answer) -> Fault | None:
        """Use up one fault of a request, if it has any."""
        with self._lock:
            for fault in self._faults:
                if fault.times and fault.hits(path, answer):
                    fault.times -= 1
                    return fault
        return None


@contextmanager
def serving_hub() -> Iterator[Hub]:
    """Serve a hub without repositories, and its store, until the block ends."""
    hub = Hub()
    with ExitStack() as stack:
        hub.url = stack.enter_context(_serving(hub, is_store=False))
        hub.store_url = stack.enter_context(_serving(hub, is_store=True))
        stack.callback(hub.released.set)
        yield hub


@contextmanager
def _serving(hub: Hub, *, is_store: bool) -> Iterator[str]:
    server = _Server(hub, is_store)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.hang_up()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    def __init__(self, hub: Hub, is_store: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self.is_store = is_store
        self.open: set[socket.socket] = set()

    daemon_threads = False

    def process_request(self, request: Any, client_address: Any) -> None:
        self.open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep for later."""
        for request in list(self.open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        answer = self._answer(path)
        fault = self.server.hub.take_fault(path, answer)
        if fault is None:
            self._send(answer)
        elif fault.status:
            self._send(Answer(fault.status, dict(fault.headers), fault.body))
        else:
            self._send_badly(answer, fault)

    def do_HEAD(self) -> None:
        self._send(self._answer(urlsplit(self.path).path))

    def log_message(self, *_: Any) -> None:
        """Say nothing: what was asked is kept."""

    def _answer(self, path: str) -> Answer:
        if self.server.is_store:
            return self.server.hub.stored(path)
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return self.server.hub.answer(path, token if scheme == "Bearer" else None)

    def _send(self, answer: Answer) -> None:
        start = self._start(answer)
        body = answer.body[start:]
        asked = self._note(answer, start)
        self._send_head(answer, start)
        if self.command == "GET":
            self._write(asked, body)

    def _send_badly(self, answer: Answer, fault: Fault) -> None:
        start = 0 if fault.no_ranges else self._start(answer)
        body = answer.body[start:]
        if fault.corrupt:
            body = bytes([body[0] ^ 1]) + body[1:]
        asked = self._note(answer, start)
        self._send_head(answer, start)
        if fault.trickle:
            self._trickle(asked, body)
        elif fault.hold_after is not None:
            self._write(asked, body[: fault.hold_after])
            self.server.hub.released.wait()
        else:
            self._write(asked, body[: fault.cut_after])
        self.close_connection = True

    def _trickle(self, asked: Asked, body: bytes) -> None:
        for place in range(len(body)):
            if self.server.hub.released.wait(0.01):
                return
            self._write(asked, body[place : place + 1])

    def _write(self, asked: Asked, body: bytes) -> None:
        asked.sent += len(body)
        self.wfile.write(body)
        self.wfile.flush()

    def _start(self, answer: Answer) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found and answer.status == 200 else 0

    def _send_head(self, answer: Answer, start: int) -> None:
        whole = len(answer.body)
        self.send_response_only(206 if start else answer.status)
        for name, value in {"Content-Length": str(whole - start), **answer.headers}.items():
            self.send_header(name, value)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        self.end_headers()

    def _note(self, answer: Answer, start: int) -> Asked:
        status = 206 if start else answer.status
        asked = Asked(self.command, self.path, dict(self.headers), status, 0, answer.file)
        self.server.hub.asked.append(asked)
        return asked
