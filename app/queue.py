"""How a worker hears that a job waits. A ring is a hint: the database alone says what is due."""

import importlib
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.broker.queues import QUEUES
from app.errors import SetupError
from app.store.database import Database

if TYPE_CHECKING:
    from app.broker.connection import Broker

# Workers import app, never the other way round: they are known by name only.
EMBEDDED_WORKER = "workers.dispatcher"
LOOKING_WORKER = "workers.looking_worker"
CELERY_WORKER = "workers.celery_worker"


@dataclass(frozen=True)
class WorkerConfig:
    """What a worker may use; the fields are those of app/settings.py."""

    data_dir: Path
    slots: int
    threads: int
    lease_s: float
    job_timeout_s: float
    job_memory_mb: int
    max_weight_bytes: int
    tree_at_once: int
    unconfined: bool
    local_roots: tuple[Path, ...]
    encoders_dir: Path
    hub_url: str
    hub_token: str = field(repr=False)
    secret_key: str = field(repr=False)
    broker_url: str = field(default="", repr=False)
    queues: tuple[str, ...] = QUEUES
    grace_s: float = 8.0
    gpus: str | None = None


class Worker(Protocol):
    """Something that looks for due jobs and does them."""

    def ring(self) -> None:
        """Look for due jobs now."""

    def stop(self) -> None:
        """Give running jobs back and end; returns when it has."""


class Elsewhere:
    """Workers of other processes, which find jobs by their own look-outs."""

    def ring(self) -> None:
        """Nobody hears."""

    def stop(self) -> None:
        """Nothing runs here."""


def start(database: Database, config: WorkerConfig, *, embedded: bool) -> Worker:
    """What the web process rings: a broker's bell, else a worker of its own if `embedded`.

    Raises SetupError `bad_broker_url`, `open_redis` or `celery_missing`.
    """
    if config.broker_url:
        _require_celery()
        # Imported here: without a broker nobody needs Celery.
        from app.broker.bells import Bell

        return Bell(database, config.broker_url)
    return start_embedded(database, config) if embedded else Elsewhere()


def run_worker(database: Database, config: WorkerConfig) -> None:
    """Be a worker until SIGTERM or SIGINT; raises what `start` does."""
    if config.broker_url:
        _require_celery()
    name = CELERY_WORKER if config.broker_url else LOOKING_WORKER
    importlib.import_module(name).run(database, config)


def open_broker(url: str) -> "Broker":
    """The broker at a URL; SetupError `no_broker` where none is named, and what `start` raises."""
    if not url:
        raise SetupError(
            "no_broker",
            "GENEBANK_BROKER_URL names no broker: workers look for jobs by themselves, and take "
            "back those of lost workers.",
        )
    _require_celery()
    from app.broker.connection import Broker

    return Broker(url)


def _require_celery() -> None:
    if find_spec("celery") is None or find_spec("redis") is None:
        raise SetupError("celery_missing", "A broker needs Celery: pip install 'genebank[worker]'.")


def start_embedded(database: Database, config: WorkerConfig) -> Worker:
    """Start a worker thread in this process."""
    worker: Worker = importlib.import_module(EMBEDDED_WORKER).start(database, config)
    return worker
