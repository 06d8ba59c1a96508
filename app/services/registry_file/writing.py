"""Use case: a registry is written to a file, whole or not."""

import gzip
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from app.errors import InputError

PARTIAL = ".partial"


def write_pieces(pieces: Iterable[bytes], to: Path) -> dict[str, int]:
    """Write the pieces of a registry file to a new file, compressed if it is named .gz.

    Returns the numbers of `models` and `entries`. Raises InputError `exists_already` or
    `unwritable`.
    """
    if to.exists():
        raise InputError("exists_already", f"{to} exists: name what does not exist yet.")
    partial = to.with_name(to.name + PARTIAL)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        counts = _compressed(pieces, partial) if to.suffix == ".gz" else _plain(pieces, partial)
        partial.rename(to)
    except OSError as error:
        raise InputError("unwritable", f"{to} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):  # It was renamed, or could not be made.
            partial.unlink()
    return counts


def pass_on(pieces: Iterable[bytes], file: IO[bytes]) -> dict[str, int]:
    """Write pieces to an open file; return the numbers of `models` and `entries`."""
    piece = b""
    for piece in pieces:
        file.write(piece)
    counts: dict[str, int] = json.loads(piece)["end"]
    return counts


def _plain(pieces: Iterable[bytes], path: Path) -> dict[str, int]:
    with path.open("wb") as file:
        return pass_on(pieces, file)


def _compressed(pieces: Iterable[bytes], path: Path) -> dict[str, int]:
    # Base64 of numbers hardly compresses better by more work.
    with gzip.open(path, "wb", 1) as file:
        return pass_on(pieces, cast("IO[bytes]", file))
