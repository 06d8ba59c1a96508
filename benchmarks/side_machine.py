"""A side: what this machine can do at best, with all its cores and nothing of ours in the way."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.sides import Reply, serve

PASSES = 5
CHUNK = 16 << 20
FAR_BEYOND_CACHES = 1 << 30


def matrix_rate(products: list[list[int]], dtype: str) -> Reply:
    """The best floating point operations a second of products (rows, inner) x (inner, columns)."""
    kind = getattr(torch, dtype)
    rates = [_product_rate(rows, inner, columns, kind) for rows, inner, columns in products]
    return {"flops_per_s": max(rates), "threads": torch.get_num_threads()}


def bandwidth() -> Reply:
    """The best bytes a second of reading memory: a sum over far more than the caches hold."""
    memory = torch.ones(FAR_BEYOND_CACHES // 4, dtype=torch.float32)
    return {"bytes_per_s": FAR_BEYOND_CACHES / _best(lambda: memory.sum())}


def reading(path: str) -> Reply:
    """Seconds to read a file once, in one stream: from where it lies, and from the page cache.

    The kernel is asked to forget its pages first, which it may do in part or not at all.
    """
    with Path(path).open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        cold = _read(file.readinto)
        file.seek(0)
        return {"cold_s": cold, "warm_s": _read(file.readinto)}


def _read(readinto: Callable[[bytearray], int | None]) -> float:
    buffer, began = bytearray(CHUNK), time.monotonic()
    while readinto(buffer):
        pass
    return time.monotonic() - began


def _product_rate(rows: int, inner: int, columns: int, dtype: torch.dtype) -> float:
    left, right = torch.ones(rows, inner, dtype=dtype), torch.ones(columns, inner, dtype=dtype)
    return 2 * rows * inner * columns / _best(lambda: torch.nn.functional.linear(left, right))


def _best(work: Callable[[], object]) -> float:
    """The fewest seconds of some passes: other work on the machine only slows one down."""
    seconds = []
    for _ in range(PASSES):
        began = time.monotonic()
        work()
        seconds.append(time.monotonic() - began)
    return min(seconds)


if __name__ == "__main__":
    serve({"matrix_rate": matrix_rate, "bandwidth": bandwidth, "reading": reading})
