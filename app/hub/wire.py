"""The wire to the hub: plain HTTP through huggingface_hub's own client, and nothing unasked.

Its session knows the operator's proxies, login and offline mode. Its download functions are not
used: they cannot continue a file after their process died, nor check what they got.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from huggingface_hub import constants, get_session
from huggingface_hub.errors import OfflineModeIsEnabled
from huggingface_hub.utils import get_token_to_send  # type: ignore[attr-defined]

from app.errors import SetupError
from app.hub.listing import bad_hub_answer
from app.hub.patience import Patience, TemporaryError
from app.hub.refusals import checked_token, gated, read_refusal

MAX_ANSWER_BYTES = 8 * 1024**2
_TIMEOUT = httpx2.Timeout(10.0, read=30.0)


class Wire:
    """GET requests to one hub; where endpoint or token is None, the operator's own counts."""

    def __init__(self, endpoint: str | None, token: str | None) -> None:
        self._endpoint = (endpoint or constants.ENDPOINT).rstrip("/")
        self._token = token

    def ask(self, name: str, path: str, patience: Patience) -> bytes:
        """Return what the hub answers about repository `name`; errors as `get`."""
        while True:
            try:
                with self.get(name, path) as response:
                    return _read(response)
            except TemporaryError as fault:
                patience.wait(fault)

    def check_access(self, name: str, patience: Patience) -> None:
        """ModelError `gated` unless our token may read the files of repository `name`."""
        if not self._has_token():
            raise gated(name)
        self.ask(name, f"/api/models/{name}/auth-check", patience)

    @contextmanager
    def get(self, name: str, path: str, start: int = 0) -> Iterator[httpx2.Response]:
        """Open the answer to a request about repository `name`, from byte `start` on.

        TemporaryError where a later try may succeed; else what `read_refusal` gives, SetupError
        `hub_unavailable` (offline by wish) or `bad_hub_answer`.
        """
        url, headers = self._endpoint + path, self._headers(start)
        try:
            with get_session().stream("GET", url, headers=headers, timeout=_TIMEOUT) as response:
                self._check(response, name)
                yield response
        except OfflineModeIsEnabled:
            raise SetupError(
                "hub_unavailable", "HF_HUB_OFFLINE is set; unset it to reach the hub."
            ) from None
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL):
            raise bad_hub_answer("The address cannot be used") from None
        except httpx2.TransportError as error:
            said = f"The connection failed ({type(error).__name__})"
            raise TemporaryError(said) from error
        except (httpx2.TooManyRedirects, httpx2.DecodingError):
            raise bad_hub_answer() from None

    def _has_token(self) -> bool:
        return bool(get_token_to_send(self._token))

    def _headers(self, start: int) -> dict[str, str]:
        # Without compression, sizes and ranges mean what they say.
        headers = {"User-Agent": "genebank", "Accept-Encoding": "identity"}
        token = get_token_to_send(self._token)
        if token:
            headers["Authorization"] = f"Bearer {checked_token(token)}"
        if start:
            headers["Range"] = f"bytes={start}-"
        return headers

    def _check(self, response: httpx2.Response, name: str) -> None:
        status = response.status_code
        if status < 400:
            return
        elsewhere = response.url.origin != httpx2.URL(self._endpoint).origin
        if elsewhere and "X-Error-Message" not in response.headers:
            # A store that the hub sent us to, by an address that runs out.
            raise TemporaryError(f"Its store answers with status {status}")
        raise read_refusal(status, response.headers, name, self._has_token())


def _read(response: httpx2.Response) -> bytes:
    raw = bytearray()
    for piece in response.iter_bytes():
        raw += piece
        if len(raw) > MAX_ANSWER_BYTES:
            raise bad_hub_answer("The answer is too long")
    return bytes(raw)
