"""A leaf: the digests of a JSON value, by its canonical form (RFC 8785), and of a file."""

import hashlib
from pathlib import Path

import orjson
import rfc8785

# Between these all write the same digits, without an exponent.
SMALLEST, LARGEST = 1e-5, 1e16

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def digest_json(value: Json) -> str:
    """Return the SHA-256, in lower-case hex, of the value's RFC 8785 form."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: Json) -> bytes:
    """The RFC 8785 form; by a writer that is 50 times faster where it cannot differ."""
    if _is_plain(value):
        try:
            return orjson.dumps(value)
        except orjson.JSONEncodeError:  # half a surrogate pair: the other one has words for it
            pass
    return rfc8785.dumps(value)


def _is_plain(value: Json) -> bool:
    """Whether all writers of JSON agree: no objects, whose keys are sorted, and no numbers that
    ECMAScript writes in its own way (0.00001 and less, 1e16 and more, 1.0 as 1).
    """
    if not isinstance(value, list):
        return isinstance(value, str)
    if set(map(type, value)) == {float}:
        # Here, since who digests no vectors should not wait for it.
        import numpy as np

        sizes = np.abs(np.array(value))
        return bool(((sizes > SMALLEST) & (sizes < LARGEST) & (sizes != np.rint(sizes))).all())
    return all(map(_is_plain, value))


def digest_file(path: Path) -> str:
    """Return the SHA-256, in lower-case hex, of a file's content; OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
