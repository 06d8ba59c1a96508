"""A leaf: opaque ids, which sort in the order in which a process made them."""

import secrets
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
# Ids that are made at once: their last four digits count.
MOST_AT_ONCE = 1 << 20

_making = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """An opaque id: 48 bits of milliseconds, 72 random; those of one process sort as made."""
    return _written(prefix, _drawn(1))


def new_ids(prefix: str, n: int) -> list[str]:
    """`n` ids, at most MOST_AT_ONCE, that follow each other: what is random is drawn once."""
    first = _drawn(MOST_AT_ONCE)
    head = _written(prefix, first)[:-4]
    return [f"{head}{_PAIRS[place >> 10]}{_PAIRS[place & 1023]}" for place in range(n)]


def _drawn(n: int) -> int:
    """The first of `n` numbers, a power of two, that nobody else has; it is a multiple of `n`."""
    global _last
    drawn = secrets.randbits(104)
    with _making:
        number = (time.time_ns() // 1_000_000) << 72 | drawn >> 32
        number = max(number, _last + 1 + (drawn & 0xFFFFFFFF))
        number = (number + n - 1) // n * n
        _last = number + n - 1
    return number


def _written(prefix: str, number: int) -> str:
    return f"{prefix}_" + "".join([_PAIRS[number >> shift & 1023] for shift in range(110, -1, -10)])
