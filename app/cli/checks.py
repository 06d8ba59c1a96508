"""What `genebank doctor` looks at. Nothing is changed, and no heavy library is imported."""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import httpx2
from pydantic_settings import EnvSettingsSource

from app.broker.queues import QUEUES
from app.cli.addresses import http_url
from app.cli.configured import load_settings
from app.cli.figures import size
from app.errors import GenebankError
from app.queue import open_broker
from app.settings import GIB, Settings
from app.store import schema
from app.store.database import Database
from app.store.near import near_names

State = Literal["ok", "note", "warning", "failed"]

# Earlier versions can, very rarely, corrupt a database in WAL mode when two connections
# checkpoint and write at once: https://www.sqlite.org/wal.html#walresetbug
SOUND_SQLITE = (3, 51, 3)
LITTLE_SPACE = GIB
LIBRARIES = ("genebank", "fastapi", "pydantic", "sqlalchemy", "numpy")
EXTRAS = {
    "extract": ("torch", "transformers", "safetensors", "jinja2"),
    "postgres": ("psycopg",),
    "worker": ("celery", "redis"),
}
FAISS = ("faiss-cpu", "faiss-gpu")
# Read by the command line itself.
OTHER_VARIABLES = ("GENEBANK_SERVER",)
PATIENCE_S = 2.0


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; only `failed` must be mended."""

    name: str
    state: State
    detail: str


def examine() -> list[Check]:
    """Look at everything; without settings that can be read, at what does not need them."""
    checks = [_python(), _libraries(), *_extras(), _faiss(), _sqlite(), *_unknown_variables()]
    try:
        settings = load_settings()
    except GenebankError as error:
        return [*checks, Check("settings", "failed", error.detail)]
    looks: tuple[Callable[[Settings], Check], ...] = (
        _data_dir,
        _space,
        _database,
        _broker,
        _server,
    )
    return [*checks, *(look(settings) for look in looks)]


def _python() -> Check:
    return Check("python", "ok", f"{platform.python_version()} on {platform.platform()}")


def _libraries() -> Check:
    return Check("libraries", "ok", ", ".join(f"{name} {version(name)}" for name in LIBRARIES))


def _extras() -> Iterator[Check]:
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        yield (
            Check(
                f"extra {extra}",
                "note",
                f"{', '.join(missing)} missing: pip install 'genebank[{extra}]' to have it",
            )
            if missing
            else Check(f"extra {extra}", "ok", ", ".join(modules))
        )


def _faiss() -> Check:
    found = [f"{name} {known}" for name in FAISS if (known := _version(name))]
    if len(found) == len(FAISS):
        return Check(
            "faiss",
            "failed",
            f"{' and '.join(found)} are both installed and own the same module: uninstall one",
        )
    if not found:
        return Check("faiss", "failed", "faiss is missing: pip install 'genebank[cpu]'")
    return Check("faiss", "ok", found[0])


def _sqlite() -> Check:
    if sqlite3.sqlite_version_info >= SOUND_SQLITE:
        return Check("sqlite", "ok", sqlite3.sqlite_version)
    return Check(
        "sqlite",
        "warning",
        f"{sqlite3.sqlite_version} has the WAL-reset bug, which can damage a database in rare "
        f"cases: use {'.'.join(map(str, SOUND_SQLITE))} or later, or PostgreSQL, or keep backups",
    )


def _unknown_variables() -> Iterator[Check]:
    known = [f"GENEBANK_{field.upper()}" for field in Settings.model_fields]
    known += OTHER_VARIABLES
    given = (name.upper() for name in EnvSettingsSource(Settings).env_vars)
    for name in sorted(given):
        if name.startswith("GENEBANK_") and name not in known:
            near = near_names(name, known, limit=1)
            meant = f": did you mean {near[0]}?" if near else ""
            yield Check(f"variable {name}", "warning", f"No setting has this name{meant}")


def _data_dir(settings: Settings) -> Check:
    folder = settings.data_dir.absolute()
    nearest = _nearest(folder)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        detail = f"{nearest} is no folder that can be written to: set GENEBANK_DATA_DIR to one."
        return Check("data folder", "failed", detail)
    if nearest != folder:
        return Check("data folder", "note", f"{folder} is not there yet and can be made")
    return Check("data folder", "ok", f"{folder} can be written to")


def _space(settings: Settings) -> Check:
    free = shutil.disk_usage(_nearest(settings.data_dir.absolute())).free
    state: State = "ok" if free >= LITTLE_SPACE else "warning"
    return Check("free space", state, f"{size(free)} where the data folder is")


def _database(settings: Settings) -> Check:
    if not settings.database_url and not (settings.data_dir / "genebank.db").exists():
        return Check("database", "note", "There is none yet: the first use of Genebank makes it")
    try:
        database = Database(settings.resolved_database_url)
        try:
            revision = schema.check(database)
        finally:
            database.close()
    except GenebankError as error:
        return Check("database", "failed", error.detail)
    except Exception as error:  # noqa: BLE001  whatever ails it, the other checks go on
        return Check("database", "failed", f"It cannot be read: {error}")
    return Check("database", "ok", f"{database.url.get_backend_name()}, revision {revision}")


def _broker(settings: Settings) -> Check:
    url = settings.broker_url.get_secret_value()
    if not url:
        return Check("broker", "note", "There is none: workers look for jobs by themselves")
    try:
        broker = open_broker(url)
        try:
            waiting = {name: broker.waiting(name) for name in QUEUES}
        finally:
            broker.close()
    except GenebankError as error:
        return Check("broker", "failed", error.detail)
    counts = ", ".join(f"{name} {count}" for name, count in waiting.items())
    return Check("broker", "ok", f"It answers; messages that wait: {counts}")


def _server(settings: Settings) -> Check:
    url = http_url(settings.host, settings.port)
    try:
        answer = httpx2.get(f"{url}/readyz", timeout=PATIENCE_S, trust_env=False)
        status = answer.json().get("status")
    except httpx2.TransportError:
        return Check("server", "note", f"Nothing answers at {url}: `genebank serve` starts it")
    except (ValueError, AttributeError):
        return Check("server", "warning", f"Something else than Genebank answers at {url}")
    if status == "ready":
        return Check("server", "ok", f"A service answers at {url}")
    return Check("server", "warning", f"A service answers at {url}, but is not ready")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
