"""Brokers for the tests: a Redis of our own, which may be killed, and a RabbitMQ that is there.

GENEBANK_TEST_RABBITMQ names a RabbitMQ; without it the usual place on loopback is tried.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings

PASSWORD = "canary-of-redis"  # noqa: S105 - to be found nowhere


class Surroundings(BaseSettings):
    """What the environment says about brokers."""

    rabbitmq: str = Field(
        default="amqp://guest:guest@127.0.0.1:5672//", validation_alias="GENEBANK_TEST_RABBITMQ"
    )
    ci: bool = Field(default=False, validation_alias="CI")


class Redis:
    """A Redis that keeps nothing when it is killed."""

    def __init__(self, port: int) -> None:
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        words = ["--port", str(self._port), "--save", "", "--requirepass", PASSWORD]
        program = shutil.which("redis-server") or "redis-server"
        self._process = subprocess.Popen(
            [program, *words, "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self._port))):
                return
            time.sleep(0.02)
        pytest.fail("redis-server did not start")

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def own_redis() -> Iterator[Redis]:
    """A Redis on a port of its own; skips where it is not installed, fails where CI is set."""
    if shutil.which("redis-server") is None:
        hint = "No Redis for the tests: install redis-server."
        pytest.fail(hint) if Surroundings().ci else pytest.skip(hint)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    redis = Redis(port)
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


def rabbitmq_url() -> str:
    """The URL of a RabbitMQ that others use too; skips where none answers."""
    from kombu import Connection

    url = Surroundings().rabbitmq
    with Connection(url, connect_timeout=10) as connection:
        try:
            connection.connect()
        except connection.connection_errors as error:
            pytest.skip(f"No RabbitMQ for the tests: {error}")
    return url
