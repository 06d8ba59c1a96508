"""Read JSON that a stranger wrote: bounded, strict, and without surprises. A leaf."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_CONTAINERS = 100_000


class FaultyDataError(ValueError):
    """What is wrong with the data, worded to follow the name of its file."""


def parse_object(
    raw: bytes, max_bytes: int, max_containers: int = MAX_CONTAINERS
) -> dict[str, Any]:
    """Return the JSON object in `raw`, UTF-8, at most 32 levels deep.

    Raises FaultyDataError for anything else: other JSON, a key twice, NaN or an infinity,
    more than `max_bytes` bytes or `max_containers` lists and objects.
    """
    if len(raw) > max_bytes:
        raise FaultyDataError(f"is larger than {max_bytes:,} bytes")
    # Counted before parsing, brackets in texts too: 15 MB of "[]" would take half a GB.
    if raw.count(b"[") + raw.count(b"{") > max_containers:
        raise FaultyDataError(f"holds more than {max_containers:,} lists and objects")
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except FaultyDataError:
        raise
    except RecursionError:
        raise FaultyDataError(f"is nested more than {MAX_DEPTH} levels deep") from None
    except ValueError:  # not UTF-8, not JSON, or an integer of thousands of digits
        raise FaultyDataError("is not valid JSON") from None
    if not isinstance(value, dict):
        raise FaultyDataError("is not a JSON object")
    _check_depth(value)
    return value


def shown(text: str) -> str:
    """Return a stranger's text as it may stand in an error: quoted, ASCII, at most 80 long."""
    quoted = ascii(text)
    return quoted if len(quoted) <= 80 else f"{quoted[:76]}...'"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        raise FaultyDataError(f"has the key {shown(counts.most_common(1)[0][0])} twice")
    return built


def _no_constant(name: str) -> NoReturn:
    raise FaultyDataError(f"holds {name}, which is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise FaultyDataError("holds a number that is too large")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise FaultyDataError(f"is nested more than {MAX_DEPTH} levels deep")


def _children(value: Any) -> Iterable[Any]:
    inside = value.values() if isinstance(value, dict) else value
    return [child for child in inside if isinstance(child, dict | list)]
