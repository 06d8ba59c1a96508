"""Loads some of a model's weights at a time, through transformers' own renaming and conversion."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import (
    WeightConverter,
    WeightRenaming,
    convert_and_load_state_dict_in_model,
    dot_natural_key,
    rename_source_key,
)
from transformers.modeling_utils import LoadStateDictConfig

from app.errors import ModelError
from workers.llms.checkpoint import Checkpoint
from workers.llms.failures import failing_as
from workers.llms.streaming.deferred import Deferred


@dataclass(frozen=True)
class Loaded:
    """Tensors by their names in the model; `lent` is memory to give back when they are not used."""

    tensors: dict[str, torch.Tensor]
    lent: tuple[torch.Tensor, ...]


class Loader:
    """Loads weights of one model by name. One thread at a time may do so.

    Memory that is given back is used again: asking for fresh memory costs more than reading.
    """

    def __init__(self, model: Any, checkpoint: Checkpoint, device: str) -> None:
        """Take a model whose stored weights are on the meta device (it is copied)."""
        self._checkpoint = checkpoint
        self._device = device
        self._model = deepcopy(model)
        self._conversions = get_model_conversion_mapping(self._model)
        self._expected: dict[str, torch.Tensor] = self._model.state_dict(keep_vars=True)
        self._sources, self._converted = self._match()
        self._origin = self._tie()
        self._free: dict[object, list[torch.Tensor]] = defaultdict(list)

    @property
    def names(self) -> list[str]:
        """The names of all weights and buffers that are stored."""
        return [name for name, tensor in self._expected.items() if tensor.is_meta]

    def load(self, names: Iterable[str]) -> Loaded:
        """Return weights on the device; ModelError `load_failed`, `cannot_stream`."""
        wanted = {name: self._origin[name] for name in names}
        keys = [key for origin in set(wanted.values()) for key in self._sources.get(origin, ())]
        lent: list[torch.Tensor] = []
        with failing_as("load_failed", "The weights could not be read"):
            placed = self._convert(keys, lent)
        for name, origin in wanted.items():
            if origin not in placed:
                raise ModelError(
                    "cannot_stream",
                    f"Give the job more memory: {name[:100]} is not stored layer by layer.",
                )
        tensors = {name: placed[origin] for name, origin in wanted.items()}
        used = {tensor.untyped_storage().data_ptr() for tensor in tensors.values()}
        kept = tuple(one for one in lent if one.untyped_storage().data_ptr() in used)
        self._give_back(one for one in lent if one.untyped_storage().data_ptr() not in used)
        return Loaded(tensors, kept)

    def give_back(self, loaded: Loaded) -> None:
        """Take back the memory of weights that nothing uses any more."""
        self._give_back(loaded.lent)

    def stored_as(self, name: str) -> str | None:
        """Return the one tensor in the files that is this weight as it stands, if there is one."""
        origin = self._origin[name]
        sources = self._sources.get(origin, [])
        return sources[0] if len(sources) == 1 and origin not in self._converted else None

    def load_rows(self, name: str, rows: torch.Tensor) -> torch.Tensor:
        """Return these rows of a matrix that is `stored_as` it stands, shape (rows, width)."""
        expected, source = self._expected[name], self.stored_as(name)
        out = torch.empty(len(rows), expected.shape[1], dtype=expected.dtype)
        with failing_as("load_failed", "The weights could not be read"):
            self._checkpoint.read_rows(str(source), rows.tolist(), out)
        return out.to(self._device)

    def _match(self) -> tuple[dict[str, list[str]], set[str]]:
        """Return the stored tensors of each weight, and the weights that are converted from them.

        A conversion into several weights goes by the first of them. As transformers does it.
        """
        renamings = [one for one in self._conversions if isinstance(one, WeightRenaming)]
        converters = [one for one in self._conversions if isinstance(one, WeightConverter)]
        known = self._model.base_model_prefix, self._expected
        sources: dict[str, list[str]] = defaultdict(list)
        converted = set()
        for key in sorted(self._checkpoint.tensors, key=dot_natural_key):
            name, pattern = rename_source_key(key, renamings, converters, *known)
            if name not in self._expected and key in self._expected:
                name, pattern = rename_source_key(key, [], [], *known)
            sources[name].append(key)
            if pattern is not None:
                converted.add(name)
        return sources, converted

    def _tie(self) -> dict[str, str]:
        """Return for each weight the name under which it is stored: tied weights share one."""
        stored = {
            id(self._expected[name]): name for name in self._sources if name in self._expected
        }
        return {name: stored.get(id(tensor), name) for name, tensor in self._expected.items()}

    def _convert(self, keys: Iterable[str], lent: list[torch.Tensor]) -> dict[str, torch.Tensor]:
        """Let transformers place stored tensors in the model, and take them out again."""
        convert_and_load_state_dict_in_model(
            self._model,
            {key: Deferred(self._reader(key, lent)) for key in keys},
            LoadStateDictConfig(weight_mapping=self._conversions),
        )
        placed = {
            name: tensor
            for name, tensor in self._model.state_dict(keep_vars=True).items()
            if tensor is not self._expected[name]
        }
        for name in placed:
            put(self._model, name, self._expected[name])
        return {name: tensor.detach() for name, tensor in placed.items()}

    def _reader(self, key: str, lent: list[torch.Tensor]) -> Callable[[torch.dtype], torch.Tensor]:
        def read(dtype: torch.dtype) -> torch.Tensor:
            out = self._lend(self._checkpoint.tensors[key].shape, dtype)
            self._checkpoint.read(key, out)
            if self._device == "cpu":
                lent.append(out)
                return out
            moved = out.to(self._device)
            self._give_back([out])
            return moved

        return read

    def _lend(self, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        try:
            return self._free[shape, dtype].pop()
        except IndexError:
            return torch.empty(shape, dtype=dtype, pin_memory=self._device != "cpu")

    def _give_back(self, tensors: Iterable[torch.Tensor]) -> None:
        for tensor in tensors:
            self._free[tuple(tensor.shape), tensor.dtype].append(tensor)


def put(model: Any, name: str, tensor: torch.Tensor) -> None:
    """Set the parameter or buffer `name` of a model to a tensor, which is not copied."""
    path, _, attribute = name.rpartition(".")
    module = model.get_submodule(path)
    if not isinstance(getattr(module, attribute), nn.Parameter):
        tensor = tensor.detach() if isinstance(tensor, nn.Parameter) else tensor
    elif not isinstance(tensor, nn.Parameter):
        tensor = nn.Parameter(tensor, requires_grad=False)
    setattr(module, attribute, tensor)
