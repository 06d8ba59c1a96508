"""Every model of a nursery, fingerprinted by the real worker into a registry of its own."""

import queue
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from app.errors import SetupError
from app.hub.client import Hub
from app.queue import WorkerConfig, start_embedded
from app.services.model_refs import Sources, pin
from app.services.register_model import register_model
from app.settings import GIB
from app.store import schema
from app.store.database import Database
from benchmarks.figures import say
from benchmarks.groups import Options
from benchmarks.raised import Nursery, raised

PATIENCE_S = 600
# A worker that is well says nothing else.
GOOD_EVENTS = ("job succeeded", "reference frozen")

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """How long one model took from the end of the one before, and its phases."""

    wall_s: float
    phases: Mapping[str, float]


@dataclass(frozen=True)
class Fingerprinted:
    """A registry in a folder that goes when this does, and the run of each model by name."""

    nursery: Nursery
    database: Database
    runs: Mapping[str, Run]
    folder: "tempfile.TemporaryDirectory[str]"


@cache
def fingerprinted(options: Options) -> Fingerprinted:
    """Fingerprint a nursery once in this process, model after model with all cores."""
    family = raised(options)
    folder = tempfile.TemporaryDirectory()
    database = Database(f"sqlite:///{Path(folder.name) / 'genebank.db'}")
    schema.upgrade(database)
    sources = Sources(database, Hub(), (family.folder,))
    names = {}
    for name in family.names:
        with database.write() as session:
            registered = register_model(session, pin(sources, f"local:{family.folder / name}"))
        names[registered.job.id] = name
    runs = dict(_work(database, Path(folder.name), names))
    return Fingerprinted(family, database, runs, folder)


def _work(
    database: Database, data_dir: Path, names: Mapping[str, str]
) -> Iterator[tuple[str, Run]]:
    events = _listen()
    began = time.monotonic()
    worker = start_embedded(database, _config(data_dir))
    try:
        for number in range(1, len(names) + 1):
            event = _next(events)
            name, now = names[event["job"]], time.monotonic()
            say(f"{number}/{len(names)} {name}: {now - began:.1f} s")
            yield name, Run(now - began, event["seconds"])
            began = now
    finally:
        worker.stop()
        structlog.reset_defaults()


def _listen() -> "queue.SimpleQueue[Event]":
    """Take the worker's log, which alone says how long storing took."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def keep(_logger: object, _method: str, event: Any) -> Any:
        events.put(dict(event))
        raise structlog.DropEvent

    structlog.configure(processors=[structlog.contextvars.merge_contextvars, keep])
    return events


def _next(events: "queue.SimpleQueue[Event]") -> Event:
    """The next job that succeeded; SetupError when anything goes wrong before."""
    while True:
        try:
            event = events.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise SetupError("nothing_happens", f"No job ended in {PATIENCE_S} seconds.") from None
        if event["event"] not in GOOD_EVENTS:
            raise SetupError("job_failed", f"The worker says: {dict(event)}")
        if event["event"] == "job succeeded":
            return event


def _config(data_dir: Path) -> WorkerConfig:
    return WorkerConfig(
        data_dir=data_dir,
        slots=1,
        threads=0,
        lease_s=15.0,
        job_timeout_s=3600.0,
        job_memory_mb=16_384,
        max_weight_bytes=64 * GIB,
        tree_at_once=2000,
        unconfined=False,
        local_roots=(),
        encoders_dir=data_dir / "encoders",
        hub_url="",
        hub_token="",
        secret_key="",
    )
