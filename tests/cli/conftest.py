"""The command line in this process and as a program, over a registry of its own."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from app.cli import app
from app.settings import Settings
from app.store import schema
from app.store.database import Database
from tests.cli import processes
from tests.hub.server import Hub
from tests.registering import NO_HUB
from tests.synthetic import fill

Run = Callable[..., Result]
Program = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def filled_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the models of tests/synthetic.py; for tests that only read."""
    folder = tmp_path_factory.mktemp("registry")
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, folder)
    database.close()
    return folder


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """None of the caller's settings reach a test, and no test's log settings another."""
    for name in (*Settings.model_fields, "server"):
        monkeypatch.delenv(f"GENEBANK_{name.upper()}", raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("GENEBANK_HUB_URL", NO_HUB)
    yield
    structlog.reset_defaults()


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, in the settings."""
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def filled(filled_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`filled_dir`, in the settings."""
    monkeypatch.setenv("GENEBANK_DATA_DIR", str(filled_dir))
    return filled_dir


@pytest.fixture
def hub(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub on loopback, without models, in the settings."""
    monkeypatch.setenv("GENEBANK_HUB_URL", hub.url)
    return hub


@pytest.fixture
def run() -> Run:
    """The command line in this process."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def program() -> Program:
    """The program `genebank` that is installed, as people run it."""
    return lambda *words: processes.run(processes.PROGRAM, *words)


@pytest.fixture(scope="session")
def server_url(filled_dir: Path) -> Iterator[str]:
    """A real server over `filled_dir`, on a port of its own."""
    with processes.service(filled_dir) as (_, url):
        yield url
