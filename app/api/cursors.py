"""Cursors: opaque signed marks of where a list goes on."""

import base64
import binascii
import hmac

from app.errors import InputError

MAC_BYTES = 16


class Cursors:
    """Signs and reads cursors; each is for one list, and holds the id after which it goes on."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write(self, scope: str, after: str) -> str:
        """A cursor for a list (its path and filters)."""
        return base64.urlsafe_b64encode(self._mac(scope, after) + after.encode()).decode()

    def read(self, scope: str, cursor: str) -> str:
        """The id in a cursor; InputError `bad_cursor`."""
        try:
            raw = base64.b64decode(cursor, altchars=b"-_", validate=True)
            after = raw[MAC_BYTES:].decode()
        except (binascii.Error, ValueError):
            raise _bad() from None
        if not hmac.compare_digest(raw[:MAC_BYTES], self._mac(scope, after)):
            raise _bad()
        return after

    def _mac(self, scope: str, after: str) -> bytes:
        message = f"{scope}\0{after}".encode()
        return hmac.digest(self._secret, message, "sha256")[:MAC_BYTES]


def _bad() -> InputError:
    return InputError("bad_cursor", "There is no such page: take `next_cursor` of the one before.")
