"""Ways to damage a good model's folder; each builder returns what does it to a folder."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from tests.workers.adapters import pairs, write_adapter
from tests.workers.models import safetensors_bytes

Damage = Callable[[Path], None]
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
QUERY = "model.layers.0.self_attn.q_proj.weight"


def drop(*names: str) -> Damage:
    """Without these files."""
    return lambda folder: [(folder / name).unlink() for name in names] and None


def write(name: str, content: str | bytes) -> Damage:
    """With other content in a file."""
    raw = content.encode() if isinstance(content, str) else content
    return lambda folder: (folder / name).write_bytes(raw) and None


def rename(old: str, new: str) -> Damage:
    """With a file under another name."""
    return lambda folder: (folder / old).rename(folder / new) and None


def link(name: str, target: str) -> Damage:
    """With a link in the place of a file."""

    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(target)

    return damage


def pipe(name: str) -> Damage:
    """With a named pipe in the place of a file."""

    def damage(folder: Path) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    return damage


def directory(name: str) -> Damage:
    """With a directory in the place of a file."""

    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


def grow(name: str, size: int) -> Damage:
    """With a file that is much longer."""
    return lambda folder: os.truncate(folder / name, size)


def cut(name: str, size: int) -> Damage:
    """With a file cut short."""
    return lambda folder: os.truncate(folder / name, size)


def crowd(files: int) -> Damage:
    """With many more files."""
    return lambda folder: [(folder / f"more-{n}").touch() for n in range(files)] and None


def edit(name: str, changes: Mapping[str, Any]) -> Damage:
    """With other values in a JSON file; None leaves a key out."""

    def damage(folder: Path) -> None:
        value = json.loads((folder / name).read_text()) | dict(changes)
        kept = {key: one for key, one in value.items() if one is not None}
        (folder / name).write_text(json.dumps(kept))

    return damage


def config(**changes: Any) -> Damage:
    """With other values in config.json."""
    return edit("config.json", changes)


def tokenizer(**changes: Any) -> Damage:
    """With other values in tokenizer.json."""
    return edit("tokenizer.json", changes)


def template(text: str) -> Damage:
    """With a chat template."""
    return write("chat_template.jinja", text)


def both(*damages: Damage) -> Damage:
    """One after the other."""
    return lambda folder: [damage(folder) for damage in damages] and None


def weights(change: Callable[[dict[str, np.ndarray]], Any]) -> Damage:
    """With other tensors."""

    def damage(folder: Path) -> None:
        tensors = load_file(folder / WEIGHTS)
        change(tensors)
        save_file(tensors, folder / WEIGHTS, {"format": "pt"})

    return damage


def tensor(name: str, change: Callable[[np.ndarray], np.ndarray] | None) -> Damage:
    """With one tensor changed, or without it."""

    def damage(tensors: dict[str, np.ndarray]) -> None:
        old = tensors.pop(name)
        if change is not None:
            tensors[name] = np.ascontiguousarray(change(old))

    return weights(damage)


def header(value: Any, data: bytes = b"") -> Damage:
    """With a file of weights of any header."""
    return write(WEIGHTS, safetensors_bytes(value, data))


def index(weight_map: Any, shard: str = "model-1-of-1.safetensors") -> Damage:
    """With the weights in `shard` and an index beside it."""
    return both(rename(WEIGHTS, shard), write(INDEX, json.dumps({"weight_map": weight_map})))


def adapter(
    base: str, change: Callable[[dict[str, np.ndarray]], Any] = dict, **settings: Any
) -> Damage:
    """An adapter in the place of the model, which becomes the base in `../base`."""

    def damage(folder: Path) -> None:
        folder.rename(folder.parent / "base")
        tensors = pairs(1, 8)
        change(tensors)
        write_adapter(folder, tensors, base_model_name_or_path=base, **settings)

    return damage
