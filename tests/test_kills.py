"""kill -9 of the service, again and again: every accepted model finishes, none twice, none lost."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.dna.protocol import defaults
from app.store import entries, jobs, models, protocols
from app.store.database import Database
from tests.tiny_model import write_model

KILLS = 6  # `make faults` has hundreds
MODELS = 8
LEASE_S = 1.5
SEED = 20261122


class Service:
    """`genebank serve` on one port and one data folder, started and killed at will."""

    def __init__(self, data: Path, roots: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._environment = {
            "HOME": str(data),
            "GENEBANK_DATA_DIR": str(data),
            "GENEBANK_LOCAL_ROOTS": str(roots),
            "GENEBANK_LEASE_S": str(LEASE_S),
            "GENEBANK_THREADS": "1",
        }
        self._log = data.parent / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.client = httpx2.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=30)

    def start(self) -> None:
        """Start it, and return when it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("genebank"), "serve", "--port", str(self._port)],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        wait_for(self._ready, 60)

    def kill(self) -> None:
        """SIGKILL, as the kernel does it when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def states(self) -> list[str]:
        """The states of all jobs."""
        found: list[dict[str, Any]] = self.client.get("/v1/jobs?limit=200").json()["data"]
        return [job["state"] for job in found]

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()
        with suppress(httpx2.TransportError):
            return self.client.get("/readyz").status_code == 200
        return False


@contextmanager
def service(data: Path, roots: Path) -> Iterator[Service]:
    """A service that is gone at the end."""
    one = Service(data, roots)
    try:
        yield one
    finally:
        one.kill()
        one.client.close()


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            pytest.fail(f"it did not come true within {seconds} seconds")
        time.sleep(0.05)


def children_of_killed(data: Path) -> list[int]:
    """Processes that still work in the registry's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(data):
                found.append(int(process.name))
    return found


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a seeded schedule, no secret
    data, roots = tmp_path / "data", tmp_path / "models"
    data.mkdir()
    directories = [write_model(roots / f"model-{n}", seed=n) for n in range(MODELS)]
    accepted: dict[Path, str] = {}
    waiting = list(directories)
    with service(data, roots) as running:
        for _ in range(KILLS):
            running.start()
            for directory in waiting[: rng.randint(0, 2)]:
                answer = running.client.post("/v1/models", json={"model": f"local:{directory}"})
                assert answer.status_code == 202
                accepted[directory] = answer.json()["job"]["id"]
                waiting.remove(directory)
            # Long enough to get somewhere, as often as not; short enough to hit the start too.
            time.sleep(rng.uniform(0.0, 7.0))
            running.kill()
            wait_for(lambda: not children_of_killed(data), 30)
        running.start()
        for directory in directories:
            answer = running.client.post("/v1/models", json={"model": f"local:{directory}"})
            assert answer.status_code == (200 if directory in accepted else 202)
            assert answer.json()["job"]["id"] == accepted.get(directory, answer.json()["job"]["id"])
        wait_for(lambda: running.states() == ["succeeded"] * MODELS, 180)
    check_whole(data, roots)


def check_whole(data: Path, roots: Path) -> None:
    """One job and one whole entry a protocol for each model, numbered without a gap."""
    database = Database(f"sqlite:///{data / 'genebank.db'}")
    with database.read() as session:
        found = models.page(session, None, 200)
        assert sorted(model.name for model in found) == sorted(p.name for p in roots.iterdir())
        assert jobs.count_by_state(session) == {"succeeded": MODELS}
        seqs = []
        for model in found:
            assert len(jobs.of_model(session, model.id)) == 1
            assert not jobs.checkpoints(session, jobs.of_model(session, model.id)[0].id)
            for entry in entries.require_any(session, model):
                protocol = protocols.get(session, entry.protocol_digest)
                assert len(entries.responses(session, entry)) == protocol.n_probes
                seqs.append(entry.seq)
        assert sorted(seqs) == list(range(1, 2 * MODELS + 1))
        for protocol in defaults():
            assert entries.count(session, protocol.digest) == MODELS
    database.close()
