"""Main indexes on disk, so that a process with a million entries is ready within seconds.

A format of our own: nothing in it is executed, and faiss reads none of it. One file a protocol:

    magic, length of the header, header (JSON), its seal, then each array at a multiple of 64

The header names each array with its dtype, shape, offset and SHA-256; the seal is an HMAC by a
key in the database, so that a file of another installation, or one that somebody made, is none
of ours.
"""

import hashlib
import hmac
import json
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from app.search.stored_array import OnDisk

MAGIC = b"genebank index 1\n"
ALIGNED = 64
SEAL_BYTES = 32
MOST_HEADER = 1 << 16
CHUNK = 1 << 20
# A file that was begun and never finished: its process was killed.
ABANDONED_S = 3600
# Little-endian, whatever the machine. What is not named here is not read.
DTYPES = {
    "centre": "<f4",
    "seqs": "<i8",
    "centroids": "<f4",
    "sizes": "<i8",
    "rows": "<i4",
    "codes": "<f2",
}

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Stored:
    """A main index as it was written: `last_id` is the id of the entry of the highest number."""

    reference_version: int
    last_id: str
    arrays: Mapping[str, Array]


class Shelf:
    """The snapshots of one installation, in a folder that belongs to it alone."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder, self._key = folder, key

    def save(self, protocol_digest: str, stored: Stored) -> None:
        """Write a snapshot, whole or not at all; OSError when there is no room."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clear()
        arrays = {
            name: np.ascontiguousarray(stored.arrays[name], dtype=dtype)
            for name, dtype in DTYPES.items()
        }
        begun = self._folder / f"{protocol_digest}.{os.getpid()}.part"
        with open(begun, "wb", opener=_private) as file:
            start = file.write(self._sealed(protocol_digest, stored, arrays))
            for array in arrays.values():
                file.write(bytes(-start % ALIGNED))
                start += -start % ALIGNED + file.write(_bytes(array))
            file.flush()
            os.fsync(file.fileno())
        begun.replace(self._path(protocol_digest))

    @contextmanager
    def opened(self, protocol_digest: str) -> Iterator[Stored]:
        """A snapshot that is whole and ours, whose codes are read as long as the block lasts.

        Raises ValueError `why` of one that is damaged, foreign or of another release, OSError
        (FileNotFoundError where there is none).
        """
        with self._path(protocol_digest).open("rb") as file:
            try:
                stored = self._read(file, protocol_digest)
            except (KeyError, TypeError, AttributeError) as error:
                raise ValueError("its header lacks something") from error
            yield stored

    def _path(self, protocol_digest: str) -> Path:
        return self._folder / f"{protocol_digest}.index"

    def _clear(self) -> None:
        for begun in self._folder.glob("*.part"):
            with suppress(OSError):
                if time.time() - begun.stat().st_mtime > ABANDONED_S:
                    begun.unlink()

    def _sealed(self, protocol_digest: str, stored: Stored, arrays: Mapping[str, Array]) -> bytes:
        facts = {
            "protocol": protocol_digest,
            "reference": stored.reference_version,
            "last_id": stored.last_id,
            "arrays": {
                name: {
                    "dtype": DTYPES[name],
                    "shape": list(array.shape),
                    "sha256": hashlib.sha256(_bytes(array)).hexdigest(),
                }
                for name, array in arrays.items()
            },
        }
        header = json.dumps(facts).encode()
        head = MAGIC + len(header).to_bytes(4, "little") + header
        return head + hmac.digest(self._key, head, "sha256")

    def _read(self, file: IO[bytes], protocol_digest: str) -> Stored:
        head = file.read(len(MAGIC) + 4)
        length = int.from_bytes(head[len(MAGIC) :], "little")
        if head[: len(MAGIC)] != MAGIC or length > MOST_HEADER:
            raise ValueError("no snapshot of this release")
        head += file.read(length)
        seal = file.read(SEAL_BYTES)
        if not hmac.compare_digest(seal, hmac.digest(self._key, head, "sha256")):
            raise ValueError("not sealed by this installation")
        facts = json.loads(head[len(MAGIC) + 4 :])
        if facts["protocol"] != protocol_digest:
            raise ValueError("of another protocol")
        arrays = self._arrays(file, len(head) + SEAL_BYTES, facts["arrays"])
        return Stored(int(facts["reference"]), str(facts["last_id"]), arrays)

    def _arrays(self, file: IO[bytes], start: int, facts: Mapping[str, Any]) -> dict[str, Any]:
        arrays: dict[str, Any] = {}
        for name, dtype in DTYPES.items():
            kind, shape = np.dtype(dtype), tuple(map(int, facts[name]["shape"]))
            start += -start % ALIGNED
            n_bytes = math.prod(shape) * kind.itemsize
            found = facts[name]["dtype"], facts[name]["sha256"]
            if found != (dtype, _digest(file, start, n_bytes)):
                raise ValueError(f"{name} is damaged")
            on_disk = OnDisk(file, start, kind, shape)
            # The codes are nearly all of it: they are read list by list.
            arrays[name] = on_disk if name == "codes" else on_disk[:]
            start += n_bytes
        return arrays


def _digest(file: IO[bytes], start: int, n_bytes: int) -> str:
    file.seek(start)
    digest = hashlib.sha256()
    while n_bytes:
        chunk = file.read(min(n_bytes, CHUNK))
        if not chunk:
            raise ValueError("it ends too early")
        digest.update(chunk)
        n_bytes -= len(chunk)
    return digest.hexdigest()


def _bytes(array: Array) -> memoryview:
    """What lies in memory, without a copy."""
    return array.reshape(-1).view(np.uint8).data


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
