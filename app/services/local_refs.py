"""Which local directories may be registered, and what revision they stand at.

Only looks at names, sizes and times; never opens a model's files.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from app.errors import InputError

MAX_FILES = 10_000


def contained(directory: Path, roots: Sequence[Path]) -> Path:
    """Return the real path of a directory under one of the configured roots.

    InputError `outside_roots` when it is elsewhere (said first, so that nobody can ask what
    exists there), `no_such_directory` when it is missing.
    """
    try:
        real = Path(os.path.realpath(directory))
        allowed = any(real.is_relative_to(os.path.realpath(root)) for root in roots)
    except (OSError, ValueError):  # a NUL, a name that is too long
        raise _missing() from None
    if not allowed:
        raise InputError(
            "outside_roots",
            "The directory is under none of the folders that may hold local models: "
            "the operator names them in GENEBANK_LOCAL_ROOTS.",
        )
    if not os.path.isdir(real):  # noqa: PTH112  Path.is_dir lets PermissionError through
        raise _missing()
    return real


def stat_revision(directory: Path) -> str:
    """Return 16 hex digits that change when a file of the directory does.

    Hashes (name, size, time of change) of the regular files at the top, where a model keeps
    everything that counts; a link stands for what it points at. InputError `no_such_directory`
    or `too_many_files`.
    """
    try:
        with os.scandir(directory) as entries:
            stats = [_line(entry) for _, entry in zip(range(MAX_FILES + 1), entries, strict=False)]
    except (OSError, ValueError):
        raise _missing() from None
    if len(stats) > MAX_FILES:
        raise InputError("too_many_files", f"A model's directory holds at most {MAX_FILES} files.")
    return hashlib.sha256(b"".join(sorted(stats))).hexdigest()[:16]


def weight_bytes(directory: Path) -> int:
    """Bytes of the safetensors files at the top of a directory; InputError `no_such_directory`."""
    try:
        with os.scandir(directory) as entries:
            return sum(
                entry.stat().st_size
                for _, entry in zip(range(MAX_FILES), entries, strict=False)
                if entry.name.endswith(".safetensors") and entry.is_file()
            )
    except (OSError, ValueError):
        raise _missing() from None


def _line(entry: os.DirEntry[str]) -> bytes:
    try:
        is_plain = entry.is_file()
    except OSError:  # a link in a circle
        is_plain = False
    if not is_plain:
        return b""
    stat = entry.stat()
    return b"%s\0%d\0%d\0" % (os.fsencode(entry.name), stat.st_size, stat.st_mtime_ns)


def _missing() -> InputError:
    return InputError("no_such_directory", "There is no such directory that the service can read.")
