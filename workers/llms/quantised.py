"""Reads quantised weights as plain ones: unpacked to the machine's dtype while they are loaded.

So every method runs on every device without its library, and what runs is what the files say;
activations, which some methods quantise too, are left alone. transformers sees plain tensors.
"""

import json
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import torch

from app.errors import ModelError
from workers.llms.checkpoint import Checkpoint, Stored
from workers.llms.failures import failing_as
from workers.llms.unpacking import plain_shape, unpack
from workers.vetting.data import shown
from workers.vetting.packing import Parts, grouped
from workers.vetting.quantisation import FILE_NAME, Quantisation

_PLAIN = {"weight"}


def open_checkpoint(directory: Path) -> Checkpoint:
    """Open the weights of a vetted directory by their plain names, packed or not.

    Raises ModelError `load_failed`, `bad_safetensors`, `bad_quantisation`.
    """
    path = directory / FILE_NAME
    if not path.exists():
        return Checkpoint(directory)
    return PackedCheckpoint(directory, Quantisation.from_json(json.loads(path.read_bytes())))


def _unpacking(name: str) -> AbstractContextManager[None]:
    return failing_as("bad_quantisation", f"{shown(name)} could not be unpacked")


class PackedCheckpoint(Checkpoint):
    """Weights that are packed; each is unpacked whenever it is read.

    Reading raises ModelError `bad_quantisation` where its parts do not fit together.
    """

    def __init__(self, directory: Path, quantisation: Quantisation) -> None:
        """Find the parts of each weight; reads no more than their shapes."""
        super().__init__(directory)
        self._stored = self.tensors
        self._quantisation = quantisation
        groups = grouped(self._stored, quantisation.method)
        self._parts = {name: parts for name, parts in groups.items() if parts.keys() != _PLAIN}
        self.tensors = {name: self._placed(name, parts) for name, parts in groups.items()}

    def tensor(self, name: str, dtype: torch.dtype) -> torch.Tensor:
        """Return a tensor on the CPU in `dtype`."""
        return self._plain(name).to(dtype) if name in self._parts else super().tensor(name, dtype)

    def read(self, name: str, out: torch.Tensor) -> None:
        """Fill `out`, contiguous on the CPU and of the tensor's shape, converting to its dtype."""
        if name in self._parts:
            out.copy_(self._plain(name))
        else:
            super().read(name, out)

    def read_rows(self, name: str, rows: Iterable[int], out: torch.Tensor) -> None:
        """Fill the rows of `out`, shape (rows, width), with these rows of a matrix."""
        if name in self._parts:
            out.copy_(self._plain(name)[list(rows)])
        else:
            super().read_rows(name, rows, out)

    def _placed(self, name: str, parts: Parts) -> Stored:
        """Return a weight as if it were stored: its shape unpacked."""
        stored = {part: self._stored[one] for part, one in parts.items()}
        if name in self._parts:
            shapes = {part: one.shape for part, one in stored.items()}
            with _unpacking(name):
                shape = plain_shape(self._quantisation, shapes, lambda part: self._part(name, part))
            return replace(next(iter(stored.values())), shape=shape)
        plain = stored["weight"]
        if name.endswith(".weight") and not plain.dtype.is_floating_point:
            raise ModelError("bad_quantisation", f"{shown(name)} is packed without its scales.")
        return plain

    def _part(self, name: str, part: str) -> torch.Tensor:
        stored = self._stored[self._parts[name][part]]
        tensor = torch.empty(stored.shape, dtype=stored.dtype)
        stored.file.read(stored.offset, stored.dtype, tensor.view(-1))
        return tensor

    def _plain(self, name: str) -> torch.Tensor:
        with _unpacking(name):
            tensors = {part: self._part(name, part) for part in self._parts[name]}
            plain = unpack(self._quantisation, tensors)
            if tuple(plain.shape) != self.tensors[name].shape:
                raise ValueError("its parts say different shapes")
        return plain
