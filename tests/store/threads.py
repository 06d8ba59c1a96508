"""Work that many threads begin at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(work: Callable[[int], T], n: int) -> list[T]:
    """What `work(i)` returns for each i < n; the first error of any is raised."""
    start = threading.Barrier(n)

    def run(number: int) -> T:
        start.wait(10)
        return work(number)

    with ThreadPoolExecutor(n) as pool:
        return list(pool.map(run, range(n), timeout=60))
