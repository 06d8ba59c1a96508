"""Fixtures for the HTTP layer: apps over the registries of tests/conftest.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.store.database import Database
from tests.api.serving import serving
from tests.hub.server import Hub
from tests.registering import NO_HUB

# What writes, or takes any text, or asks the database how it stands, is asked of both kinds. What
# only reads is asked of one: the store's own tests read the same from both.
HERE = Path(__file__).parent
OF_BOTH_DATABASES = frozenset(
    HERE / f"test_{name}.py"
    for name in (
        "awaiting",
        "batches",
        "etags",
        "freshness",
        "idempotency",
        "imports",
        "jobs",
        "models",
        "openapi",
        "texts",
        "withdrawals",
    )
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is asked of PostgreSQL although one database is enough."""
    left_out = [item for item in items if _is_enough_on_sqlite(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_enough_on_sqlite(item: pytest.Item) -> bool:
    is_reading = item.path.parent == HERE and item.path not in OF_BOTH_DATABASES
    return is_reading and "[postgresql" in item.name


def make_app(database: Database, folder: Path, hub: str = NO_HUB) -> FastAPI:
    """An app over a database, without a worker; local models may lie under `folder`."""
    return create_app(
        Settings(
            data_dir=folder,
            database_url=database.url.render_as_string(hide_password=False),
            local_roots=(folder,),
            hub_url=hub,
            embedded_worker=False,
        )
    )


@pytest.fixture
def app(database: Database, tmp_path: Path, hub: Hub) -> FastAPI:
    """An app over an empty registry; not started."""
    return make_app(database, tmp_path, hub.url)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of a started `app`."""
    with TestClient(app) as started:
        yield started


@pytest.fixture(scope="session")
def reader(
    shared_registry: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    """A client for tests that write nothing."""
    with TestClient(make_app(shared_registry, tmp_path_factory.mktemp("reader"))) as started:
        yield started


@pytest.fixture
def model_ref(tmp_path: Path) -> str:
    """The ref of a directory that may be registered."""
    directory = tmp_path / "tiny-model"
    directory.mkdir()
    (directory / "config.json").write_text("{}")
    return f"local:{directory}"


@pytest.fixture
def server(app: FastAPI) -> Iterator[str]:
    """The URL of a real server of `app` on loopback."""
    with serving(app) as url:
        yield url


@pytest.fixture
def hub_folder(tmp_path: Path) -> Path:
    """A directory whose files a hub may list as a model's."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        (folder / name).write_text("{}")
    return folder
