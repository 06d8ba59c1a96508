"""The fixed rules that cut texts into batches and passes. A leaf: numbers in, numbers out."""

from collections.abc import Sequence


def cut(sizes: Sequence[int], most: int, most_rows: int) -> list[list[int]]:
    """Cut the indices of `sizes`, sorted by (size, index), into batches by the rule of `runs`."""
    order = sorted(range(len(sizes)), key=lambda index: (sizes[index], index))
    cuts = runs([sizes[index] for index in order], most, most_rows)
    return [[order[place] for place in run] for run in cuts]


def runs(sizes: Sequence[int], most: int, most_rows: int | None = None) -> list[range]:
    """Cut texts, in their order, into runs as long as they may be.

    The rows of a run are as large as its largest text, and together at most `most`, unless a
    text alone is larger; they are at most `most_rows`, where that is given.
    """
    found: list[range] = []
    start = largest = 0
    for at, size in enumerate(sizes):
        largest = max(largest, size)
        rows = at - start + 1
        if rows > 1 and (rows * largest > most or (most_rows is not None and rows > most_rows)):
            found.append(range(start, at))
            start, largest = at, size
    return [*found, range(start, len(sizes))] if sizes else []
