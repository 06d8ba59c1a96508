"""Fixtures of a hub on loopback and of folders to publish there."""

from pathlib import Path

import numpy as np
import pytest

WEIGHTS = np.random.default_rng(0).bytes(3_000_000)
CARD = "---\nlicense: mit\n---\n# Model\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder, whose weights are 3 MB of chance."""
    folder = tmp_path / "published"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text("{}")
    (folder / "README.md").write_text(CARD)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    return folder
