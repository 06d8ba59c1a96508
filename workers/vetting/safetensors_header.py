"""Our own reader of a safetensors header: stricter than the library, and it loads no tensor.

A file is 8 bytes of header length (little-endian), the header as JSON, then the tensors' bytes
without gap or overlap to the end of the file.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from app.errors import ModelError
from workers.vetting.data import FaultyDataError, parse_object, shown

MAX_HEADER_BYTES = 16 * 1024**2
MAX_TENSORS = 100_000
MAX_CONTAINERS = 4 * MAX_TENSORS
MAX_RANK = 16
MAX_DIM = 2**48
ITEM_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64"), 8),
}


class Tensor(NamedTuple):
    """One tensor; `begin` and `end` are byte offsets in the data part."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class Header:
    """What a safetensors file says that it holds, checked against its size."""

    tensors: Mapping[str, Tensor]
    data_bytes: int


def read_header(path: Path) -> Header:
    """Read and check the header of a safetensors file; ModelError `bad_safetensors`."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            raw = _header_bytes(file, size)
        data_bytes = size - 8 - len(raw)
        return Header(_tensors(raw, data_bytes), data_bytes)
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except FaultyDataError as faulty:
        fault = str(faulty)
    raise ModelError(
        "bad_safetensors", f"{shown(path.name)} {fault}; fetch or save the file again."
    )


def _header_bytes(file: BinaryIO, size: int) -> bytes:
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise FaultyDataError("is cut short in its header")
    if length > MAX_HEADER_BYTES:
        raise FaultyDataError(f"has a header larger than {MAX_HEADER_BYTES:,} bytes")
    raw = file.read(length)
    if not raw.startswith(b"{"):
        raise FaultyDataError("is not a safetensors file")
    return raw


def _tensors(raw: bytes, data_bytes: int) -> dict[str, Tensor]:
    header = parse_object(raw, MAX_HEADER_BYTES, MAX_CONTAINERS)
    _check_metadata(header.pop("__metadata__", {}))
    if not 1 <= len(header) <= MAX_TENSORS:
        raise FaultyDataError(f"holds {len(header):,} tensors, not 1 to {MAX_TENSORS:,}")
    tensors = {name: _tensor(name, entry) for name, entry in header.items()}
    cursor = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].begin):
        if tensor.begin != cursor:
            raise FaultyDataError(f"has a gap or an overlap before tensor {shown(name)}")
        cursor = tensor.end
    if cursor != data_bytes:
        raise FaultyDataError(f"has {data_bytes:,} bytes of data but describes {cursor:,}")
    return tensors


def _tensor(name: str, entry: Any) -> Tensor:
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise FaultyDataError(f"describes tensor {shown(name)} by the wrong keys")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise FaultyDataError(f"has a dtype that is not known, in tensor {shown(name)}")
    if not _integers(shape, 1, MAX_DIM) or len(shape) > MAX_RANK:
        raise FaultyDataError(f"has an impossible shape, in tensor {shown(name)}")
    if not _integers(offsets, 0, 2**63) or len(offsets) != 2:
        raise FaultyDataError(f"has impossible offsets, in tensor {shown(name)}")
    begin, end = offsets
    if end - begin != math.prod(shape) * ITEM_BYTES[dtype]:
        raise FaultyDataError(f"has bytes that do not fit the shape, in tensor {shown(name)}")
    return Tensor(dtype, tuple(shape), begin, end)


def _integers(value: Any, least: int, most: int) -> bool:
    # type(), because True is an int to isinstance
    return isinstance(value, list) and all(
        type(item) is int and least <= item <= most for item in value
    )


def _check_metadata(metadata: Any) -> None:
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise FaultyDataError("has metadata that are not texts")
