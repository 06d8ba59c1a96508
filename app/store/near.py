"""A leaf: names that look like one that was not found."""

import difflib
from collections.abc import Iterable


def near_names(wanted: str, names: Iterable[str], limit: int = 3) -> list[str]:
    """Return up to `limit` names that resemble `wanted`, best first, ignoring case."""
    by_key: dict[str, str] = {name.lower(): name for name in names}
    inside = [key for key in by_key if wanted.lower() in key]
    alike = difflib.get_close_matches(wanted.lower(), by_key, n=limit, cutoff=0.5)
    return [by_key[key] for key in dict.fromkeys([*alike, *sorted(inside, key=len)])][:limit]
