"""A leaf: the digests of a JSON value, by its canonical form (RFC 8785), and of a file."""

import hashlib
from pathlib import Path

import rfc8785

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def digest_json(value: Json) -> str:
    """Return the SHA-256, in lower-case hex, of the value's RFC 8785 form."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256, in lower-case hex, of a file's content; OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
