"""A registry with its own Redis, and the programs that work on it, as processes."""

import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.broker.bells import ring_due
from app.broker.connection import Broker
from app.records import JobRecord, WorkerRecord
from app.store import jobs, schema, workers
from app.store.database import Database
from tests.cli.processes import PROGRAM
from tests.registering import NO_HUB, register_local
from tests.tiny_model import write_model

SECRET = "canary-of-the-secret-key"  # noqa: S105 - to be found nowhere


class Registry:
    """A database, a broker, and a folder of models that may be handed in."""

    def __init__(self, folder: Path, database_url: str, broker_url: str) -> None:
        self.models = folder / "models"
        self.broker_url = broker_url
        self.database = Database(database_url)
        schema.upgrade(self.database)
        self.log = folder / "worker.log"
        self._environment = {
            "HOME": str(folder),
            "GENEBANK_DATA_DIR": str(folder / "data"),
            "GENEBANK_DATABASE_URL": database_url,
            "GENEBANK_BROKER_URL": broker_url,
            "GENEBANK_LOCAL_ROOTS": str(self.models),
            "GENEBANK_HUB_URL": NO_HUB,
            "GENEBANK_SECRET_KEY": SECRET,
            "GENEBANK_THREADS": "1",
            "GENEBANK_LEASE_S": "5",
            "GENEBANK_LOG_LEVEL": "debug",
        }

    def submit(self, number: int) -> str:
        """Hand in a tiny model."""
        directory = self.models / f"model-{number}"
        written = directory if directory.exists() else write_model(directory, seed=number)
        return register_local(self.database, written).job.id

    def submit_vanished(self, number: int) -> str:
        """Hand in a model whose files are then removed: its job fails before torch is needed."""
        job = self.submit(number)
        shutil.rmtree(self.models / f"model-{number}")
        return job

    def ring(self) -> int:
        """Ring for what is due."""
        broker = Broker(self.broker_url)
        try:
            return ring_due(self.database, broker)
        finally:
            broker.close()

    def waiting(self) -> int:
        """Messages that nobody has taken."""
        broker = Broker(self.broker_url)
        try:
            return broker.waiting("cpu")
        finally:
            broker.close()

    def job(self, job_id: str) -> JobRecord:
        """A job as it is now."""
        with self.database.read() as session:
            return jobs.get(session, job_id)

    def present(self) -> list[WorkerRecord]:
        """The workers that are there."""
        with self.database.read() as session:
            return workers.present(session)

    def await_job(self, job_id: str, true: Callable[[JobRecord], bool]) -> JobRecord:
        """The job when that has come true of it."""
        until = time.monotonic() + 120
        while not true(job := self.job(job_id)):
            assert time.monotonic() < until, (job, self.log.read_text())
            time.sleep(0.05)
        return job

    @contextmanager
    def program(self, *words: str, **more: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A verb of `genebank` at work; killed at the end if it still is."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, *words], env=self._environment | more, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def end(process: "subprocess.Popen[bytes]") -> int:
    """Ask a program to end; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(30)
