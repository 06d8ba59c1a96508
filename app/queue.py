"""How a worker hears that a job waits. A ring is a hint: the database alone says what is due."""

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.store.database import Database

# Workers import app, never the other way round: the embedded worker is known by name only.
EMBEDDED_WORKER = "workers.dispatcher"


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


def start_embedded(database: Database, config: WorkerConfig) -> Worker:
    """Start a worker thread in this process."""
    worker: Worker = importlib.import_module(EMBEDDED_WORKER).start(database, config)
    return worker
