"""Requests to a registry over HTTP: to a running service, or to the same app in this process.

Both give the same JSON, so there is one way to show it. Problems become errors.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2

from app import telemetry
from app.cli.addresses import base_url
from app.cli.configured import load_settings
from app.cli.console import defect
from app.errors import ConflictError, GenebankError, InputError, NotFoundError, SetupError
from app.loopback import is_loopback
from app.settings import Settings

# The largest tree takes seconds to compute; a machine at work may take longer.
TIMEOUT = httpx2.Timeout(120, connect=5)
# A tree of 2,000 tips that are all alike is a comb, two levels of JSON a tip.
DEEPEST = 10_000


class Answer:
    """What the registry answered, as bytes, text and JSON."""

    def __init__(self, response: httpx2.Response) -> None:
        self.content = response.content
        self.text = response.text

    @property
    def data(self) -> Any:
        """The answer as JSON; SetupError `bad_answer`."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEEPEST))
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise SetupError("bad_answer", "The answer is no JSON that can be read.") from error
        finally:
            sys.setrecursionlimit(limit)


class Client:
    """A registry to ask; `is_embedded` says that it is this very process."""

    def __init__(self, http: httpx2.Client, *, is_embedded: bool) -> None:
        self.is_embedded = is_embedded
        self._http = http

    def get(self, path: str, **query: object) -> Answer:
        """GET a path; parts of the query that are None are left out. Raises what `post` does."""
        return self._ask("GET", path, params=_query(query))

    def post(self, path: str, body: Mapping[str, object], **query: object) -> Answer:
        """POST a body; problems are raised as the error that they began as.

        SetupError `no_server`, `server_timeout` or `bad_answer` when there is no proper answer.
        """
        return self._ask("POST", path, json=dict(body), params=_query(query))

    def delete(self, path: str, **query: object) -> Answer:
        """DELETE a path. Raises what `post` does."""
        return self._ask("DELETE", path, params=_query(query))

    def _ask(self, method: str, path: str, **request: Any) -> Answer:
        try:
            response = self._http.request(method, path.lstrip("/"), **request)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise _unreachable(str(self._http.base_url), error) from error
        if response.is_success:
            return Answer(response)
        if self.is_embedded and response.status_code == httpx2.codes.INTERNAL_SERVER_ERROR:
            raise defect("Something broke")
        raise _problem(response)


@contextmanager
def connect(
    server: str | None, *, settings: Settings | None = None, worker: bool = False
) -> Iterator[Client]:
    """A client of the server at a URL, or else of the embedded registry.

    `worker` says whether the embedded registry works on jobs while it is open.
    """
    if server:
        url = base_url(server)
        # A proxy of the environment cannot reach this machine's own loopback.
        with httpx2.Client(
            base_url=url, timeout=TIMEOUT, trust_env=not is_loopback(url.host)
        ) as http:
            yield Client(http, is_embedded=False)
        return
    settings = (settings or load_settings()).model_copy(update={"embedded_worker": worker})
    with _embedded(settings) as http:
        yield Client(http, is_embedded=True)


@contextmanager
def _embedded(settings: Settings) -> Iterator[httpx2.Client]:
    # Imported here: with a server in use nothing of it is needed.
    from starlette.testclient import TestClient

    from app.main import create_app

    # What breaks is said by the verb itself; the log would say it twice.
    telemetry.configure("debug" if settings.log_level == "debug" else "critical")
    app = create_app(settings, for_one=True)
    with TestClient(app, base_url=f"http://127.0.0.1:{settings.port}") as http:
        yield http


def _query(query: Mapping[str, object]) -> list[tuple[str, str]]:
    """Pairs for the URL: a list is repeated, None is left out."""
    return [
        (key, str(item))
        for key, value in query.items()
        if value is not None
        for item in (value if isinstance(value, list | tuple) else [value])
    ]


def _unreachable(url: str, error: Exception) -> SetupError:
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return SetupError(
            "no_server",
            f"Nothing answers at {url}: start it with `genebank serve`, "
            "or leave --server and GENEBANK_SERVER out.",
        )
    if isinstance(error, httpx2.TimeoutException):
        return SetupError("server_timeout", f"The service at {url} takes too long to answer.")
    return SetupError("bad_answer", f"The service at {url} cannot be asked: {error}.")


def _problem(response: httpx2.Response) -> GenebankError:
    try:
        body = response.json()
        code, detail = str(body["code"]), str(body["detail"])
        near = [str(name) for name in body.get("near") or ()]
        faults = [f"{fault['pointer']}: {fault['detail']}" for fault in body.get("errors") or ()]
        detail = "; ".join(faults) or detail
    except (ValueError, KeyError, TypeError, AttributeError):
        return SetupError(
            "bad_answer",
            f"{response.url} answers {response.status_code}, but not as Genebank does.",
        )
    if response.status_code == httpx2.codes.NOT_FOUND:
        return NotFoundError(code, detail, near)
    if response.status_code == httpx2.codes.CONFLICT:
        return ConflictError(code, detail)
    kind = SetupError if response.is_server_error else InputError
    return kind(code, detail)
