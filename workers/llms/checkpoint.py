"""Reads single tensors, or rows of one, out of the safetensors files of a vetted directory.

Files are read, never mapped, unless their own bytes can serve: what is mapped counts as memory
that the process holds, and a file that shrinks under a mapping kills it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import safe_open
from transformers.modeling_utils import str_to_torch_dtype

from app.errors import ModelError
from workers.vetting.safetensors_header import read_header

_CHUNK_BYTES = 1 << 20  # of what is converted while it is read: more is fresh memory, each time


@dataclass(frozen=True)
class Stored:
    """Where a tensor lies: its file, the offset of its first byte, and how its numbers are kept."""

    file: "WeightsFile"
    offset: int
    dtype: torch.dtype
    shape: tuple[int, ...]


class Checkpoint:
    """The tensors of a directory by name."""

    def __init__(self, directory: Path) -> None:
        """Open every file; ModelError `load_failed` without any, `bad_safetensors`."""
        self.tensors: dict[str, Stored] = {}
        for path in sorted(directory.glob("*.safetensors")):
            self.tensors.update(_stored(path))
        if not self.tensors:
            raise ModelError("load_failed", "Add the weights: there is no file of safetensors.")

    def tensor(self, name: str, dtype: torch.dtype) -> torch.Tensor:
        """Return a tensor on the CPU in `dtype`: the file's own pages where they hold that."""
        stored = self.tensors[name]
        if stored.dtype == dtype:
            mapped: torch.Tensor = stored.file.mapped.get_tensor(name)
            return mapped
        out = torch.empty(stored.shape, dtype=dtype)
        self.read(name, out)
        return out

    def read(self, name: str, out: torch.Tensor) -> None:
        """Fill `out`, contiguous on the CPU and of the tensor's shape, converting to its dtype."""
        stored = self.tensors[name]
        stored.file.read(stored.offset, stored.dtype, out.view(-1))

    def read_rows(self, name: str, rows: Iterable[int], out: torch.Tensor) -> None:
        """Fill the rows of `out`, shape (rows, width), with these rows of a matrix.

        Raises IndexError for a row that the matrix lacks.
        """
        stored = self.tensors[name]
        height, width = stored.shape
        for row, target in zip(rows, out, strict=True):
            if not 0 <= row < height:
                raise IndexError(f"row {row} of {height}")
            offset = stored.offset + row * width * stored.dtype.itemsize
            stored.file.read(offset, stored.dtype, target)


class WeightsFile:
    """A file of safetensors, open only while it is read."""

    def __init__(self, path: Path) -> None:
        """Take the path."""
        self._path = path

    @cached_property
    def mapped(self) -> Any:
        """The file for `safetensors`, which maps it."""
        return safe_open(self._path, "pt")

    def read(self, offset: int, dtype: torch.dtype, out: torch.Tensor) -> None:
        """Fill flat `out` with the numbers of `dtype` that begin at `offset`."""
        with self._path.open("rb", buffering=0) as file:
            file.seek(offset)
            if dtype == out.dtype:
                _fill(file, out)
                return
            step = _CHUNK_BYTES // dtype.itemsize
            chunk = torch.empty(min(step, len(out)), dtype=dtype)
            for start in range(0, len(out), step):
                part = out[start : start + step]
                _fill(file, chunk[: len(part)])
                part.copy_(chunk[: len(part)])


def _fill(file: FileIO, out: torch.Tensor) -> None:
    """Fill a flat tensor with the bytes that come next."""
    view = memoryview(cast("Any", out.view(torch.uint8).numpy()))
    while view:
        n = file.readinto(view)
        if not n:
            raise EOFError("a file of weights became shorter")
        view = view[n:]


def _stored(path: Path) -> dict[str, Stored]:
    header = read_header(path)
    file = WeightsFile(path)
    first = path.stat().st_size - header.data_bytes
    return {
        name: Stored(file, first + tensor.begin, str_to_torch_dtype[tensor.dtype], tensor.shape)
        for name, tensor in header.tensors.items()
    }
