"""The connection to one API: a JSON document goes there, one comes back, and nothing else.

Only the registered address is asked: no redirect is followed, certificates are checked, and what
comes back is bounded in size and time.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

import httpx2

from app import __version__
from app.errors import ModelError
from app.loopback import is_loopback
from app.records import EndpointRecord
from workers.endpoints.faults import PassingError, fault, unavailable
from workers.endpoints.patience import Patience
from workers.endpoints.replies import Reply, read

CONNECT_TIMEOUT_S = 5.0
# An answer of some hundred tokens is some KB, also with the log-probabilities of a passage.
MAX_ANSWER_BYTES = 1 << 20
OK = 200


class Wire:
    """Posts to one endpoint, from any thread; `cut` ends what is under way."""

    def __init__(self, endpoint: EndpointRecord, key: str | None, patience: Patience) -> None:
        self._url = endpoint.url
        self._key = key
        self._patience = patience
        self._timeout_s = endpoint.settings.timeout_s
        self._is_cut = threading.Event()
        self._streams: WeakSet[Any] = WeakSet()
        self._http = httpx2.Client(
            headers={
                # Not compressed: a small answer must not unpack to a huge one.
                "accept-encoding": "identity",
                "user-agent": f"genebank/{__version__}",
                **({} if key is None else {"authorization": f"Bearer {key}"}),
            },
            timeout=httpx2.Timeout(self._timeout_s, connect=CONNECT_TIMEOUT_S),
            # A proxy of the environment cannot reach this machine's own loopback.
            trust_env=not is_loopback(httpx2.URL(self._url).host),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def post(self, path: str, body: Mapping[str, object]) -> Reply:
        """Return the answer, after as many tries as patience has.

        Raises SetupError `endpoint_unavailable`; ModelError `endpoint_refused_key`,
        `no_such_endpoint_model`, `endpoint_redirects`, `endpoint_refused`, `endpoint_floods`,
        `bad_endpoint_answer`.
        """
        content = json.dumps(body).encode()
        try:
            answer: Reply = self._patience.retrying(self._is_cut)(self._try, path, content)
        except PassingError as error:
            raise error.verdict from error
        return answer

    def cut(self) -> None:
        """Have every request fail at once, those under way and those to come."""
        self._is_cut.set()
        for stream in list(self._streams):
            with suppress(OSError):  # it is closed already
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _try(self, path: str, content: bytes) -> Reply:
        try:
            with self._http.stream(
                "POST",
                self._url + path,
                content=content,
                headers={"content-type": "application/json"},
                extensions={"trace": self._watch},
            ) as response:
                body = self._read(response)
        except httpx2.TransportError as error:
            raise PassingError(unavailable(f"{type(error).__name__} {error}".strip())) from error
        if response.status_code != OK:
            raise fault(response.status_code, response.headers, body, self._key)
        return read(body)

    def _read(self, response: httpx2.Response) -> bytes:
        deadline = time.monotonic() + self._timeout_s
        body = bytearray()
        for part in response.iter_raw():
            body += part
            if len(body) > MAX_ANSWER_BYTES:
                raise ModelError(
                    "endpoint_floods", f"The endpoint answers with over {MAX_ANSWER_BYTES:,} bytes."
                )
            if time.monotonic() > deadline:
                raise PassingError(unavailable("it does not come to the end of an answer"))
        return bytes(body)

    def _watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Know every connection from its first byte on, so that it can be cut."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._streams.add(info["return_value"])
            if self._is_cut.is_set():
                self.cut()
