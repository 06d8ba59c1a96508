"""Cursors: opaque signed marks of where a list goes on."""

import base64
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
            after = base64.urlsafe_b64decode(cursor.encode())[MAC_BYTES:].decode()
            genuine = self.write(scope, after)
        except ValueError:
            raise _bad() from None
        # Compared as it is written: several texts decode to the same bytes.
        if not hmac.compare_digest(cursor.encode(), genuine.encode()):
            raise _bad()
        return after

    def _mac(self, scope: str, after: str) -> bytes:
        message = f"{scope}\0{after}".encode()
        return hmac.digest(self._secret, message, "sha256")[:MAC_BYTES]


def _bad() -> InputError:
    return InputError("bad_cursor", "There is no such page: take `next_cursor` of the one before.")
