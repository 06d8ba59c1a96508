"""The composition root: what it sets up, what it refuses, and what it never imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import SetupError
from app.main import create_app
from app.settings import Settings
from app.store import schema
from app.store.database import Database
from tests.synthetic import fill

IMPORTED = """
import sys
from starlette.testclient import TestClient
from app.main import create_app

with TestClient(create_app()) as client:
    for path in ("/v1/relatives?model=founder", "/v1/tree", "/v1/compare?a=founder&b=child"):
        assert client.get(path).status_code == 200, path
    heavy = {"torch", "transformers", "tokenizers", "safetensors", "skbio", "celery", "kombu"}
    heavy.add("pyarrow")
    print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


@pytest.mark.parametrize("worker", ["true", "false"])
def test_nothing_heavy_is_imported(tmp_path: Path, worker: str) -> None:
    database = Database(f"sqlite:///{tmp_path / 'genebank.db'}")
    schema.upgrade(database)
    fill(database, tmp_path)
    database.close()
    surroundings = {"GENEBANK_DATA_DIR": str(tmp_path), "GENEBANK_EMBEDDED_WORKER": worker}
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED],
        capture_output=True,
        text=True,
        env=surroundings,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_embedded_registry_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    app = create_app(Settings(data_dir=folder, embedded_worker=False))
    app.state.runtime.database.close()
    assert (folder / "genebank.db").is_file()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="bad_data_dir"):
        create_app(Settings(data_dir=tmp_path / "file" / "data"))


def test_a_production_database_is_only_checked(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database_url, embedded_worker=False)
    database = Database(database_url)
    if not database.is_sqlite:
        with pytest.raises(SetupError, match="no_schema"):
            create_app(settings)
        schema.upgrade(database)
    create_app(settings).state.runtime.database.close()
    assert schema.check(database) == schema.head()
    database.close()
