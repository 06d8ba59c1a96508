"""PostgreSQL, Redis, the API, a worker and the reconciler, as docker-compose.yml has them."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import httpx2
import psycopg
from redis import Redis
from redis.exceptions import RedisError

from ops import layout as layouts
from ops import servers
from ops.layout import LOOPBACK, Layout
from ops.process import POLL_S, Command, Process

PROGRAM = str(Path(sys.executable).with_name("genebank"))
PATIENCE_S = 60.0
# Whoever comes later needs those before; they end in the opposite order.
NAMES = ("postgres", "redis", "reconciler", "worker", "api")


class NotUpError(Exception):
    """A process did not come up; says where it says why."""


class Stack:
    """One stack in one folder, with data of its own."""

    def __init__(self, folder: Path, layout: Layout, settings: Mapping[str, str]) -> None:
        """Start nothing yet; `settings` are GENEBANK_ variables that stand above the stack's."""
        self.folder, self.layout = folder, layout
        self.environment = _environment(folder, layout) | dict(settings)

    @property
    def url(self) -> str:
        """Where the API answers."""
        return self.layout.api_url

    @cached_property
    def processes(self) -> dict[str, Process]:
        """All processes by name, whether they run or not."""
        commands = [servers.postgres(self.folder, self.layout), servers.redis(self.layout)]
        commands += [self._genebank(name) for name in NAMES[2:]]
        return {command.name: Process(self.folder, command) for command in commands}

    def up(self) -> None:
        """Start what does not run, and return when requests are answered; NotUpError."""
        processes = self.processes
        for name in ("postgres", "redis"):
            processes[name].start()
        self._await(processes["postgres"], self._has_database)
        self._await(processes["redis"], self._has_redis)
        self._upgrade()
        for name in NAMES[2:]:
            processes[name].start()
        self._await(processes["api"], self._is_ready)

    def down(self) -> list[str]:
        """End all processes; return the names of those that had to be killed."""
        processes = self.processes
        return [name for name in reversed(NAMES) if not processes[name].stop()]

    def _genebank(self, name: str) -> Command:
        words = {
            "api": ["serve", "--host", LOOPBACK, "--port", str(self.layout.api_port)],
            "worker": ["worker"],
            "reconciler": ["reconciler"],
        }
        return Command(name, [PROGRAM, *words[name]], self.environment, grace_s=30.0)

    def _upgrade(self) -> None:
        once = Process(
            self.folder, Command("upgrade", [PROGRAM, "db", "upgrade"], self.environment)
        )
        once.start()
        _wait(lambda: once.pid is None, once)

    def _await(self, process: Process, is_there: Callable[[], bool]) -> None:
        def came() -> bool:
            if process.pid is None:
                raise NotUpError(f"{process.name} ended at once: see {process.log}")
            return is_there()

        _wait(came, process)

    def _has_database(self) -> bool:
        """Whether PostgreSQL answers; makes the database when it is not there."""
        server = self.layout.database_url.removesuffix("/genebank") + "/postgres"
        try:
            with psycopg.connect(server, autocommit=True, connect_timeout=2) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = 'genebank'"
                ).fetchone()
                if known is None:
                    connection.execute("CREATE DATABASE genebank")
        except psycopg.OperationalError:
            return False
        return True

    def _has_redis(self) -> bool:
        client = Redis.from_url(self.layout.broker_url, socket_timeout=2)
        try:
            return bool(client.ping())
        except RedisError:
            return False
        finally:
            client.close()

    def _is_ready(self) -> bool:
        try:
            answer = httpx2.get(f"{self.url}/readyz", timeout=2, trust_env=False)
        except httpx2.TransportError:
            return False
        return answer.is_success


def in_folder(
    folder: Path, settings: Mapping[str, str], api_port: int = layouts.USUAL_API_PORT
) -> Stack:
    """The stack of a folder, which is made if it is not there; its API at this port if it can."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return Stack(folder, layouts.load_or_draw(folder, api_port), settings)


@contextmanager
def running(folder: Path, settings: Mapping[str, str]) -> Iterator[Stack]:
    """A stack on any free ports that is up as long as the block lasts: for tests."""
    stack = in_folder(folder, settings, api_port=0)
    try:
        stack.up()
        yield stack
    finally:
        stack.down()


def _environment(folder: Path, layout: Layout) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "GENEBANK_DATA_DIR": str(folder / "data"),
        "GENEBANK_DATABASE_URL": layout.database_url,
        "GENEBANK_BROKER_URL": layout.broker_url,
        "GENEBANK_EMBEDDED_WORKER": "false",
    }


def _wait(is_there: Callable[[], bool], process: Process) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_there():
        if time.monotonic() > until:
            raise NotUpError(f"{process.name} is not there after {PATIENCE_S:.0f} s: see its log")
        time.sleep(POLL_S)
