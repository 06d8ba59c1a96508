"""Clients that ask too often are told when to go on, in the Hub's own headers."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]
from starlette.testclient import TestClient

from app.api.limiting import Limiter, client_of
from app.main import create_app
from app.settings import Settings
from tests.registering import NO_HUB


@contextmanager
def served(folder: Path, **settings: object) -> Iterator[TestClient]:
    made = Settings(
        data_dir=folder,
        hub_url=NO_HUB,
        embedded_worker=False,
        **settings,  # type: ignore[arg-type]
    )
    with TestClient(create_app(made)) as client:
        yield client


def test_a_client_may_ask_so_often_and_is_then_told_when_to_go_on(tmp_path: Path) -> None:
    with served(tmp_path, rate_limit="3/minute") as client:
        answers = [client.get("/v1/models") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        for left, answer in zip((2, 1, 0, 0, 0), answers, strict=True):
            said = parse_ratelimit_headers(httpx2.Headers(answer.headers))
            assert said is not None
            assert (said.resource_type, said.remaining, said.limit) == ("api", left, 3)
            assert said.window_seconds == 60
            assert 0 < said.reset_in_seconds <= 60
        refused = answers[-1]
        assert refused.json()["code"] == "too_many_requests"
        assert 0 < int(refused.headers["retry-after"]) <= 60
        assert refused.headers["x-request-id"]
        for path in ("/healthz", "/readyz", "/metrics"):
            assert client.get(path).status_code == 200, "supervisors are never refused"
            assert "ratelimit" not in client.get(path).headers


@pytest.mark.parametrize(
    ("host", "limit", "is_limited"),
    [
        ("127.0.0.1", "", False),
        ("localhost", "", False),
        ("127.0.0.1", "5/second", True),
        ("0.0.0.0", "", True),  # noqa: S104
        ("0.0.0.0", "off", False),  # noqa: S104
    ],
)
def test_nobody_is_limited_on_loopback_unless_asked(
    tmp_path: Path, host: str, limit: str, is_limited: bool
) -> None:
    with served(tmp_path, rate_limit=limit, host=host) as client:
        assert ("ratelimit" in client.get("/v1/models").headers) == is_limited


def test_the_command_line_is_never_limited_by_itself(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, rate_limit="1/hour", embedded_worker=False)
    with TestClient(create_app(settings, for_one=True)) as client:
        assert [client.get("/v1/models").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_client_is_an_address_or_a_network(host: str, client: str) -> None:
    assert client_of({"type": "http", "client": (host, 1)}) == client
    assert client_of({"type": "http", "client": None}) == ""


@pytest.fixture
def redis() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A Redis of our own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.02)
        yield f"redis://127.0.0.1:{port}/0", process
    finally:
        process.kill()
        process.wait()


def test_processes_count_together_in_redis_and_alone_without_it(
    redis: tuple[str, "subprocess.Popen[bytes]"],
) -> None:
    url, process = redis

    async def ask() -> None:
        one, other = Limiter("3/minute", url), Limiter("3/minute", url)
        given = [(await limiter.ask("me")).is_given for limiter in (one, other, one, other)]
        assert given == [True, True, True, False]
        assert (await one.ask("you")).remaining == 2
        process.kill()
        process.wait()
        began = time.monotonic()
        given = [(await one.ask("me")).is_given for _ in range(4)]
        assert given == [True, True, True, False], "alone it counts anew"
        assert time.monotonic() - began < 5
        await one.close()
        await other.close()

    asyncio.run(ask())
