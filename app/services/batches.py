"""A stream in batches, the next of which is made while one is used."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# Items that are written in one transaction, and the bytes that they may hold: enough to be fast,
# little enough to let others write in between and to fit any memory.
BATCH = 1000
BATCH_BYTES = 16 << 20

T = TypeVar("T")


def batches(items: Iterable[T], size: Callable[[T], int]) -> Iterator[Sequence[T]]:
    """Yield items in batches of BATCH, or of BATCH_BYTES as `size` counts them."""
    batch: list[T] = []
    total = 0
    for item in items:
        batch.append(item)
        total += size(item)
        if len(batch) >= BATCH or total >= BATCH_BYTES:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield items that another thread makes, one ahead; what making raises is raised here."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
