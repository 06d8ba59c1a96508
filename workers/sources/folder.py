"""Take files out of a stranger's folder: plain ones, inside it, without following tricks."""

import errno
import os
import stat
from pathlib import Path

from app.errors import ModelError
from workers.vetting.data import shown

OUTSIDE = "file_outside_folder"
# Another file system, a file of somebody else, a file system without hard links.
_NO_HARD_LINK = frozenset(
    {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP}
)


def names_in(folder: Path, most: int) -> frozenset[str]:
    """Return the names at the top of the folder; ModelError `too_many_files`, `unreadable`."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(most + 1), entries, strict=False)]
    except OSError as error:
        raise _unreadable(folder.name, error) from None
    if len(names) > most:
        raise ModelError(
            "too_many_files", f"The directory has more than {most:,} entries; submit a smaller one."
        )
    return frozenset(names)


def open_inside(folder: Path, name: str, outside: str = OUTSIDE) -> int:
    """Open a plain file of a real path's folder for reading and return its descriptor.

    A link is followed only to a target inside the folder. ModelError: the code `outside`,
    `not_a_plain_file` or `unreadable`.
    """
    try:
        real = Path(os.path.realpath(folder / name))
        if not real.is_relative_to(folder):
            raise ModelError(
                outside,
                f"{shown(name)} points outside the model's folder; put the file itself there.",
            )
        descriptor = _walk(folder, real.relative_to(folder).parts)
    except OSError as error:
        raise _unreadable(name, error) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ModelError("not_a_plain_file", f"{shown(name)} is not a plain file; remove it.")
    return descriptor


def read_inside(folder: Path, name: str, max_bytes: int) -> bytes:
    """Return the bytes of a file of the folder; ModelError `file_too_large` or as open_inside."""
    with open(open_inside(folder, name), "rb") as file:
        raw = file.read(max_bytes + 1)
    if len(raw) > max_bytes:
        raise ModelError(
            "file_too_large", f"{shown(name)} is larger than {max_bytes:,} bytes; shorten it."
        )
    return raw


def place(folder: Path, name: str, private: Path, outside: str = OUTSIDE) -> int:
    """Give `private` the file by a hard link, else (another file system) by a link; its bytes."""
    descriptor = open_inside(folder, name, outside)
    try:
        opened = os.fstat(descriptor)
        _link(os.path.realpath(folder / name), private / name)
        if not os.path.samestat(opened, (private / name).stat()):
            raise changed()
        return opened.st_size
    except OSError as error:
        raise _unreadable(name, error) from None
    finally:
        os.close(descriptor)


def changed() -> ModelError:
    """Return the error for a folder that moves under our hands."""
    return ModelError(
        "changed_while_reading",
        "The model's files changed while they were read; submit it again when they rest.",
    )


def _link(real: str, target: Path) -> None:
    try:
        os.link(real, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINK:
            raise
        target.symlink_to(real)


def _walk(folder: Path, parts: tuple[str, ...]) -> int:
    """Open step by step without following any link, so that none can be slipped in."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for part in parts:
        parent = descriptor
        try:
            # O_NONBLOCK: opening a named pipe would wait for its writer
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(part, flags, dir_fd=parent)
        finally:
            os.close(parent)
    return descriptor


def _unreadable(name: str, error: OSError) -> ModelError:
    return ModelError("unreadable", f"{shown(name)} cannot be read ({error.strerror}).")
