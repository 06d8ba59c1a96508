"""A leaf: names that all differ, for formats in which two nodes of one name are one node."""

from collections.abc import Sequence


def distinct(names: Sequence[str]) -> list[str]:
    """Return the names; where one comes again it is followed by a number: `x`, `x (2)`."""
    taken, used = set(names), set[str]()
    counts: dict[str, int] = {}
    result = []
    for name in names:
        free = name
        while free in used or (free != name and free in taken):
            counts[name] = counts.get(name, 1) + 1
            free = f"{name} ({counts[name]})"
        used.add(free)
        result.append(free)
    return result
