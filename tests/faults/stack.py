"""All of Genebank as its operators run it, on servers of the harness's own, in one folder."""

import secrets
import shutil
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol as Role

import httpx2

from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, lexical_v1
from app.records import EndpointSettings
from app.services.endpoints import NewEndpoint, add_endpoint
from app.services.sealing import Sealer
from app.store import protocols, schema, workers
from app.store.database import Database
from tests.cli.processes import PROGRAM
from tests.faults.answering import Endpoint, answering
from tests.faults.processes import Program
from tests.faults.programs import free_port
from tests.faults.servers import Postgres, Redis
from tests.registering import NO_HUB

ENDPOINT = "grove"
N_PROBES = 6
# A job over the endpoint takes about N_PROBES of these.
PAUSE_S = 0.05
LEASE_S = 2.0
READY_WITHIN_S = 60.0


def few_probes() -> Protocol:
    """The protocol of the jobs: as lexical-v1, with fewer prompts."""
    whole = lexical_v1()
    probes = ProbeSet("few", whole.probe_set.probes[:N_PROBES])
    return replace(whole, name="few", probe_set=probes)


class Registry(Role):
    """A registry at work, of which a scenario asks that it loses nothing."""

    url: str
    environment: dict[str, str]
    database: Database

    def mend(self) -> None:
        """Start again what a scenario has left killed, and return when requests are answered."""


class Stack:
    """One web process, a reconciler and workers, on one PostgreSQL and one Redis."""

    def __init__(self, folder: Path, endpoint: Endpoint, n_workers: int) -> None:
        """Make the database with its schema; start no program of ours yet."""
        self.folder = folder
        self.models = folder / "models"
        self.endpoint = endpoint
        self.postgres = Postgres(folder / "postgres")
        self.redis = Redis()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self.environment = {
            "HOME": str(folder),
            "GENEBANK_DATA_DIR": str(folder / "data"),
            "GENEBANK_DATABASE_URL": self.postgres.url,
            "GENEBANK_BROKER_URL": self.redis.url,
            "GENEBANK_LOCAL_ROOTS": str(self.models),
            "GENEBANK_HUB_URL": NO_HUB,
            "GENEBANK_SECRET_KEY": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "GENEBANK_THREADS": "1",
            "GENEBANK_LEASE_S": str(LEASE_S),
            "GENEBANK_GRACE_S": "0.3",
        }
        self.database = Database(self.postgres.url)
        self.api = self.program("serve", "--port", str(port))
        self.reconciler = self.program("reconciler")
        self.workers = [self.program("worker", "--queues", "cpu") for _ in range(n_workers)]

    def program(self, *words: str) -> Program:
        """A verb of `genebank` in this stack, not started."""
        return Program([PROGRAM, *words], self.environment, self.log)

    def start(self) -> None:
        """Start all, and return when requests are answered."""
        self.postgres.start()
        self.redis.start()
        schema.upgrade(self.database)
        sealer = Sealer(self.environment["GENEBANK_SECRET_KEY"], self.folder)
        add_grove(self.database, sealer, self.endpoint.url)
        for program in (self.api, self.reconciler, *self.workers):
            program.start()
        self.await_ready()

    def await_ready(self) -> None:
        """Return when the web process can serve; TimeoutError."""
        await_ready(self.api, self.url, self.log)

    def await_workers(self) -> list[Program]:
        """The workers that are at work, as soon as one is; TimeoutError."""
        wait_for(lambda: bool(self._at_work()), READY_WITHIN_S, "a worker to show itself")
        return self._at_work()

    def _at_work(self) -> list[Program]:
        with self.database.read() as session:
            shown = {one.pid for one in workers.present(session)}
        return [worker for worker in self.workers if worker.is_running and worker.pid in shown]

    def mend(self) -> None:
        """Start again what a scenario has left killed."""
        for program in (self.api, self.reconciler, *self.workers):
            if not program.is_running:
                program.start()
        self.endpoint.pause_s = PAUSE_S
        self.await_ready()

    def close(self) -> None:
        """Kill all of it."""
        for program in (self.api, self.reconciler, *self.workers):
            program.kill()
        self.database.close()
        self.redis.kill()
        self.postgres.close()


@contextmanager
def running(n_workers: int) -> Iterator[Stack]:
    """A stack at work in a folder of its own, gone at the end; MissingProgramError."""
    # Not under the user's own folder: PostgreSQL's owner must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="genebank-faults-"))
    folder.chmod(0o755)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        endpoint = undo.enter_context(answering(PAUSE_S))
        stack = Stack(folder, endpoint, n_workers)
        undo.callback(stack.close)
        stack.start()
        yield stack


def await_ready(api: Program, url: str, log: Path) -> None:
    """Return when a web process can serve; TimeoutError."""

    def is_ready() -> bool:
        assert api.is_running, log.read_text()[-2000:]
        with suppress(httpx2.TransportError):
            return httpx2.get(f"{url}/readyz", timeout=5).status_code == 200
        return False

    wait_for(is_ready, READY_WITHIN_S, "the service to be ready")


def add_grove(database: Database, sealer: Sealer, url: str) -> None:
    """Register the endpoint and the protocol that jobs are about."""
    with database.write() as session:
        protocols.ensure(session, few_probes())
        settings = EndpointSettings(concurrency=1)
        add_endpoint(session, sealer, NewEndpoint(ENDPOINT, url, "chat", settings))


def wait_for(true: Callable[[], bool], seconds: float, what: str) -> None:
    """Return when it has come true; TimeoutError after so many seconds."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {seconds:.0f} seconds for {what}")
        time.sleep(0.05)
