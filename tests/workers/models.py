"""Small models on disk, for tests that only look at their files."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

CONFIG: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": 32,
    "dtype": "float32",
}
TENSORS: dict[str, np.ndarray] = {
    "model.embed_tokens.weight": np.arange(256, dtype=np.float32).reshape(32, 8),
    "model.norm.weight": np.ones(8, dtype=np.float32),
}


def config_bytes(**changes: Any) -> bytes:
    """A config.json; a change to None leaves the key out."""
    changed = CONFIG | changes
    return json.dumps({key: value for key, value in changed.items() if value is not None}).encode()


def write_model(folder: Path, **changes: Any) -> Path:
    """A folder with config, weights in one file and a tokenizer that nobody loads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_bytes(config_bytes(**changes))
    (folder / "tokenizer.json").write_text('{"model": {"vocab": {"a": 0}}}')
    save_file(TENSORS, folder / "model.safetensors")
    return folder


def shard_model(folder: Path, weight_map: Mapping[str, str] | None = None) -> Path:
    """Turn the single file of a written model into two shards and an index."""
    (folder / "model.safetensors").unlink()
    true_map = {}
    for number, (name, tensor) in enumerate(TENSORS.items(), 1):
        true_map[name] = f"model-{number}-of-2.safetensors"
        save_file({name: tensor}, folder / true_map[name])
    index = {"metadata": {}, "weight_map": true_map if weight_map is None else weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def names(folder: Path) -> frozenset[str]:
    """The names in a folder."""
    return frozenset(path.name for path in folder.iterdir())


def safetensors_bytes(header: Any, data: bytes = b"") -> bytes:
    """A safetensors file with any header, given as bytes or as a value for JSON."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(raw).to_bytes(8, "little") + raw + data
