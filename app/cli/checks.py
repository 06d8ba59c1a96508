"""What `genebank doctor` looks at on this machine; app/cli/stack_checks.py looks at the rest.

Nothing is changed, and no heavy library is imported.
"""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import httpx2
from pydantic_settings import EnvSettingsSource

import app
from app.cli import stack_checks
from app.cli.addresses import http_url
from app.cli.check import Check, State
from app.cli.configured import load_settings
from app.cli.figures import size
from app.errors import GenebankError
from app.gpus import lent
from app.settings import GIB, Settings
from app.store.near import near_names

# Earlier versions can, very rarely, corrupt a database in WAL mode when two connections
# checkpoint and write at once: https://www.sqlite.org/wal.html#walresetbug
SOUND_SQLITE = (3, 51, 3)
LITTLE_SPACE = GIB
# Nothing can be written to a database in less.
NO_SPACE = 64 << 20
LIBRARIES = ("genebank", "fastapi", "pydantic", "sqlalchemy", "numpy")
EXTRAS = {
    "extract": ("torch", "transformers", "safetensors", "jinja2"),
    "postgres": ("psycopg",),
    "worker": ("celery", "redis"),
}
# Beside their modules: what numba compiled, and the font of pictures.
KERNELS, FONT = "phylo/kernels", "phylo/pictures/fonts/GenebankSans-Regular.ttf"
FAISS = ("faiss-cpu", "faiss-gpu")
# Read by the command line itself.
OTHER_VARIABLES = ("GENEBANK_SERVER",)
PATIENCE_S = 2.0


def examine(*, expect_worker: bool = False) -> list[Check]:
    """Look at everything; without settings that can be read, at what does not need them.

    `expect_worker` makes it a failure that no worker of this host shows itself.
    """
    checks = [
        *(_python(), _libraries(), *_extras(), _faiss(), _sqlite(), _kernels(), _font()),
        *_unknown_variables(),
    ]
    try:
        settings = load_settings()
    except GenebankError as error:
        return [*checks, Check("settings", "failed", error.detail)]
    looks: tuple[Callable[[Settings], Iterable[Check]], ...] = (
        _data_dir,
        _space,
        _gpus,
        _index,
        partial(stack_checks.database, expect_worker=expect_worker),
        stack_checks.broker,
        _server,
    )
    return [*checks, *(check for look in looks for check in look(settings))]


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


def _kernels() -> Check:
    """Trees need compiled loops: a second each, once a machine, where they can be kept."""
    folder = Path(app.__file__).parent / KERNELS / "__pycache__"
    kept = len({path.name.split("-")[0] for path in folder.glob("*.nbi")})
    if kept:
        return Check("kernels", "ok", f"{kept} loops of trees are compiled")
    if os.access(_nearest(folder), os.W_OK):
        return Check("kernels", "note", "The first tree compiles its loops, which takes seconds")
    return Check(
        "kernels",
        "note",
        f"{folder} cannot be written to: set NUMBA_CACHE_DIR to a folder that can, or each "
        "process may have to compile the loops of trees anew",
    )


def _font() -> Check:
    font = Path(app.__file__).parent / FONT
    if font.is_file():
        return Check("font", "ok", f"{font.name}; other scripts need a font of this system")
    return Check("font", "failed", f"{font} is missing: install Genebank anew")


def _data_dir(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir.absolute()
    nearest = _nearest(folder)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        detail = f"{nearest} is no folder that can be written to: set GENEBANK_DATA_DIR to one."
        yield Check("data folder", "failed", detail)
    elif nearest != folder:
        yield Check("data folder", "note", f"{folder} is not there yet and can be made")
    else:
        yield Check("data folder", "ok", f"{folder} can be written to")


def _space(settings: Settings) -> Iterator[Check]:
    free = shutil.disk_usage(_nearest(settings.data_dir.absolute())).free
    state: State = "ok" if free >= LITTLE_SPACE else "warning" if free >= NO_SPACE else "failed"
    advice = "" if state == "ok" else ": remove what is not needed, or move GENEBANK_DATA_DIR"
    yield Check("free space", state, f"{size(free)} where the data folder is{advice}")


def _gpus(settings: Settings) -> Iterator[Check]:
    names = lent(settings.gpus)
    if not names:
        detail = "None is seen or named (GENEBANK_GPUS): jobs compute on the CPU"
        yield Check("gpus", "note", detail)
        return
    detail = f"{', '.join(names)}: each is lent to one job at a time"
    if settings.slots < len(names):
        detail += f"; {settings.slots} of them, as GENEBANK_SLOTS is {settings.slots}"
    yield Check("gpus", "ok", detail)


def _index(settings: Settings) -> Iterator[Check]:
    """Where `serve` would search: asked of faiss only where it may be a GPU."""
    if settings.index_device == "cpu" or not (_version(FAISS[1]) or settings.index_device == "gpu"):
        yield Check("index", "ok", "Large indexes are searched on the CPU")
        return
    from app.search.engine.device import choose

    try:
        where = choose(settings.index_device)
    except GenebankError as error:
        yield Check("index", "failed", error.detail)
    else:
        yield Check("index", "ok", f"Large indexes are searched on the {where.upper()}")


def _server(settings: Settings) -> Iterator[Check]:
    url = http_url(settings.host, settings.port)
    try:
        answer = httpx2.get(f"{url}/readyz", timeout=PATIENCE_S, trust_env=False)
        status = answer.json().get("status")
    except httpx2.TransportError:
        yield Check("server", "note", f"Nothing answers at {url}: `genebank serve` starts it")
    except (ValueError, AttributeError):
        yield Check("server", "warning", f"Something else than Genebank answers at {url}")
    else:
        if status == "ready":
            yield Check("server", "ok", f"A service answers at {url}")
        else:
            yield Check("server", "warning", f"A service answers at {url}, but is not ready")


def _nearest(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
