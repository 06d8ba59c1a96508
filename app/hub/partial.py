"""A file on its way: what is here of it, the digest of that, and its final name when all is right.

Survives the death of its process: what lies under the name ending in .part is read again.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from app.errors import SetupError
from app.hub.model import HubFile

_READ_BYTES = 4 * 1024**2


class Partial:
    """The beginning of `file` in `folder`, `have` bytes long. Use it in a `with` block.

    Only one at a time, of all processes: SetupError `download_in_use`.
    """

    def __init__(self, folder: Path, file: HubFile) -> None:
        self._file = file
        self._target = folder / file.path
        self._path = folder / f"{file.path}.part"
        with _storing():
            self._stream = _opened(self._path)
        self._restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with _storing():
            self._stream.close()

    def recover(self, tick: Callable[[], None]) -> None:
        """Take up what an earlier process left, calling `tick` while it is read."""
        self._stream.seek(0)
        while piece := self._stream.read(_READ_BYTES):
            self._digest.update(piece)
            self.have += len(piece)
            tick()
        if self.have > self._file.size:
            self.clear()

    def write(self, start: int, piece: bytes) -> None:
        """Add the bytes that follow those here, or begin the file anew where `start` is 0."""
        if start == 0:
            self.clear()
        with _storing():
            self._stream.write(piece)
        self._digest.update(piece)
        self.have += len(piece)

    def clear(self) -> None:
        """Forget all bytes."""
        self._stream.truncate(0)
        self._restart()

    def is_right(self) -> bool:
        """Whether size and digest are those of the file."""
        expected = self._file.sha256 or self._file.blob_id
        return self.have == self._file.size and self._digest.hexdigest() == expected

    def finish(self) -> None:
        """Give the file its name, in one step."""
        with _storing():
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._path.replace(self._target)

    def _restart(self) -> None:
        self.have = 0
        if self._file.sha256 is not None:
            self._digest = hashlib.sha256()
            return
        # What git hashes: a header, then the content.
        header = b"blob %d\0" % self._file.size
        self._digest = hashlib.sha1(header, usedforsecurity=False)


def check_space(folder: Path, n_bytes: int) -> None:
    """Make the folder; SetupError `cannot_store` unless it can hold so many bytes, its own too."""
    with _storing():
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        here = sum(path.stat().st_size for path in folder.iterdir())
    if free + here < n_bytes:
        raise _cannot_store(f"{n_bytes - here:,} bytes, of which {free:,} are free")


def _opened(path: Path) -> BinaryIO:
    stream = path.open("a+b")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        raise SetupError(
            "download_in_use",
            f"Another worker is still writing {path.name} in the same folder; try again when it has"
            " stopped.",
        ) from None
    except OSError:
        stream.close()
        raise
    return stream


@contextmanager
def _storing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _cannot_store(error.strerror or type(error).__name__) from error


def _cannot_store(why: str) -> SetupError:
    return SetupError(
        "cannot_store", f"The model's files cannot be stored ({why}); make room for them."
    )
