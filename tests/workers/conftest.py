"""What worker tests share: one zygote, since starting it imports torch, and a worker's bounds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.queue import WorkerConfig
from workers.nest import Nest


@pytest.fixture(scope="session")
def nest() -> Iterator[Nest]:
    """A nest whose processes compute with one thread."""
    opened = Nest(threads=1)
    yield opened
    opened.close()


@pytest.fixture
def config(tmp_path: Path) -> WorkerConfig:
    """Generous bounds, and a data folder of the test's own."""
    return WorkerConfig(
        data_dir=tmp_path / "data",
        slots=1,
        threads=1,
        lease_s=60.0,
        job_timeout_s=120.0,
        job_memory_mb=4000,
        max_weight_bytes=1 << 30,
        tree_at_once=2000,
        unconfined=False,
        local_roots=(tmp_path,),
        encoders_dir=tmp_path / "encoders",
        hub_url="http://127.0.0.1:9",  # nothing answers there
        hub_token="",
        secret_key="",
    )
