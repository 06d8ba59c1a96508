"""Merges a vetted LoRA adapter into a loaded model: W + scale * B A, in float32.

Low-Rank Adaptation is from Hu et al. 2021 (arXiv 2106.09685), the rank-stabilised scale from
Kalajdzievski 2023 (arXiv 2312.03732). A layer that shares its weight with another gets one of its
own, as it has when the adapter is not merged.
"""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import nn
from transformers.pytorch_utils import Conv1D

from app.errors import ModelError
from app.hub.file_names import ADAPTER_CONFIG_NAME, ADAPTER_NAME
from workers.llms.failures import failing_as
from workers.vetting.adapter import LoraSettings
from workers.vetting.data import shown

_PREFIX = "base_model.model."
_PARTS = {
    "down": (".lora_A.weight", ".lora_embedding_A"),
    "up": (".lora_B.weight", ".lora_embedding_B"),
    "weight": (".base_layer.weight", ".weight"),  # the last, because others end like it
    "bias": (".bias",),
}
_PAIR = {"down", "up"}

Parts = dict[str, str]


@torch.no_grad()
def merge(model: Any, folder: Path) -> None:
    """Merge the adapter in `folder`, as workers.sources.adapter laid it out, into `model`.

    Raises ModelError `adapter_mismatch` where a tensor of the adapter meets no module or has
    another shape, or a module that it must change has no tensors; `bad_adapter` where it cannot
    be read. The model must then be thrown away.
    """
    settings = LoraSettings.from_json(json.loads((folder / ADAPTER_CONFIG_NAME).read_bytes()))
    with (
        failing_as("bad_adapter", "The adapter's weights could not be read", str(folder)),
        safe_open(folder / ADAPTER_NAME, "pt", device=str(model.device)) as file,
    ):
        changes = _by_module(file.keys())
        modules = dict(model.named_modules())
        _require_complete(modules, settings, changes)
        for path, parts in changes.items():
            tensors = {part: file.get_tensor(name) for part, name in parts.items()}
            _change(modules, path, tensors, settings)


def _by_module(names: Iterable[str]) -> dict[str, Parts]:
    """Return the adapter's names of tensors by module path and part."""
    changes: dict[str, Parts] = {}
    for name in names:
        path, part = _placed(name)
        if changes.setdefault(path, {}).setdefault(part, name) != name:
            raise _mismatch(f"it has {shown(path)} twice")
    return changes


def _placed(name: str) -> tuple[str, str]:
    for part, endings in _PARTS.items():
        for ending in endings:
            if name.startswith(_PREFIX) and name.endswith(ending):
                return name.removeprefix(_PREFIX).removesuffix(ending), part
    raise _mismatch(f"its tensor {shown(name)} belongs to no LoRA layer")


def _require_complete(
    modules: Mapping[str, nn.Module], settings: LoraSettings, changes: Mapping[str, Parts]
) -> None:
    """Refuse an adapter that lacks tensors of a module which its settings name."""
    for path in modules:
        if any(_ends(path, name) for name in settings.saved):
            expected = {"weight"}
        elif any(_ends(path, name) for name in settings.complete):
            expected = _PAIR
        else:
            continue
        if not expected <= changes.get(path, {}).keys():
            raise _mismatch(f"it has no tensors for {shown(path)}")


def _change(
    modules: Mapping[str, nn.Module],
    path: str,
    tensors: Mapping[str, torch.Tensor],
    settings: LoraSettings,
) -> None:
    module = modules.get(path)
    if module is None:
        raise _mismatch(f"the model has no {shown(path)}")
    for name in ("weight", "bias"):
        if name in tensors:
            _replace(module, name, tensors[name], path)
    pair = _PAIR & tensors.keys()
    if pair == _PAIR:
        _add(module, path, tensors["down"], tensors["up"], settings)
    elif pair:
        raise _mismatch(f"it has half of a pair for {shown(path)}")


def _add(
    module: nn.Module, path: str, down: torch.Tensor, up: torch.Tensor, settings: LoraSettings
) -> None:
    """Add scale * up @ down; (rank, in) and (out, rank) are the shapes of a linear layer."""
    if not isinstance(module, nn.Linear | nn.Embedding | Conv1D):
        raise _mismatch(f"{shown(path)} is no layer that LoRA can be merged into")
    rank = _own(settings.ranks, path, settings.rank)
    if down.ndim != 2 or up.ndim != 2 or down.shape[0] != rank or up.shape[1] != rank:
        raise _mismatch(f"its tensors for {shown(path)} have another rank than {rank}")
    linear = isinstance(module, nn.Linear)  # the others keep their weight as (in, out)
    # before they are multiplied: two thin matrices make one of any size
    if (up.shape[0], down.shape[1]) != tuple(module.weight.shape)[:: 1 if linear else -1]:
        raise _mismatch(f"its tensors for {shown(path)} have another shape than the model's")
    scale = _own(settings.alphas, path, settings.alpha) / (
        math.sqrt(rank) if settings.rank_stabilised else rank
    )
    delta = scale * (up.float() @ down.float())
    _replace(module, "weight", module.weight.float() + (delta if linear else delta.T), path)


def _replace(module: nn.Module, name: str, value: torch.Tensor, path: str) -> None:
    """Give one module a new parameter; one that shared the old one keeps that."""
    old = getattr(module, name, None)
    if not isinstance(old, nn.Parameter) or old.shape != value.shape:
        raise _mismatch(f"its {name} for {shown(path)} is not what the model has there")
    setattr(module, name, nn.Parameter(value.to(old.dtype), requires_grad=False))


def _own(exceptions: Mapping[str, float], path: str, default: float) -> float:
    return next((value for name, value in exceptions.items() if _ends(path, name)), default)


def _ends(path: str, name: str) -> bool:
    """Whether `name` is the end of a module's path, or after `^` the whole of it."""
    return path == name.removeprefix("^") or (
        not name.startswith("^") and path.endswith(f".{name}")
    )


def _mismatch(why: str) -> ModelError:
    return ModelError(
        "adapter_mismatch", f"Submit the adapter with the base it was trained on: {why}."
    )
