"""A leaf: the digest of a JSON value, by its canonical form (RFC 8785)."""

import hashlib

import rfc8785

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def digest_json(value: Json) -> str:
    """Return the SHA-256, in lower-case hex, of the value's RFC 8785 form."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
