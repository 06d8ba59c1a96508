"""The fixed rule that cuts a list of texts into batches. A leaf: numbers in, numbers out."""

from collections.abc import Sequence


def cut(lengths: Sequence[int], rows: int) -> list[list[int]]:
    """Cut the indices of `lengths`, sorted by (length, index), into batches of `rows`."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
    return [order[start : start + rows] for start in range(0, len(order), rows)]


def rows_within(budget: int, row_bytes: int, most: int) -> int:
    """Return how many rows of `row_bytes` fit in `budget` bytes: at least 1, at most `most`."""
    return max(1, min(most, budget // max(1, row_bytes)))
