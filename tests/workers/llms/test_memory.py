"""Batches follow the memory that is given, and are asked in halves where it is not enough."""

import os
import resource
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workers.llms import memory
from workers.llms.failures import failing_as
from workers.llms.memory import batch_bytes, in_halves, keep_freed_memory

GB = 1_000_000_000


@given(st.integers(0, 20 * GB), st.integers(1, 20_000))
def test_a_batch_has_what_weights_and_process_leave(weights: int, memory_mb: int) -> None:
    given_bytes = batch_bytes("cpu", weights, memory_mb)
    assert given_bytes == batch_bytes("cpu", weights, memory_mb)
    assert given_bytes <= max(memory.LEAST, memory_mb * 1_000_000 - weights - memory.RESERVE)
    assert memory.LEAST <= given_bytes <= batch_bytes("cpu", 0, None)


@given(st.lists(st.integers(), min_size=1, max_size=40), st.integers(1, 40))
def test_halves_give_what_the_whole_gives(rows: list[int], fitting: int) -> None:
    asked: list[int] = []

    def ask(part: Sequence[int]) -> list[int]:
        asked.append(len(part))
        if len(part) > fitting:
            raise MemoryError
        return [2 * row for row in part]

    assert in_halves(ask, rows) == [2 * row for row in rows]
    assert asked[0] == len(rows)
    assert (len(asked) == 1) == (len(rows) <= fitting)


def test_a_row_that_does_not_fit_alone_is_an_error() -> None:
    def ask(part: Sequence[str]) -> list[str]:
        raise MemoryError(f"{part}")

    with pytest.raises(MemoryError, match="a"):
        in_halves(ask, ["a", "b", "c"])


def _within(more_bytes: int, work: Callable[[], bool]) -> bool:
    """Whether `work` says so in a process that may take so many bytes more than this one has."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        os._exit(0 if work() else 1)
    finally:
        os._exit(2)


def test_where_the_system_refuses_memory_halves_are_asked() -> None:
    fitting: list[int] = []

    def ask(part: Sequence[int]) -> list[int]:
        with failing_as("forward_failed", "It failed"):
            torch.empty(len(part), 4 * GB, dtype=torch.uint8)
        fitting.append(len(part))
        return list(part)

    rows = list(range(8))
    assert _within(20 * GB, lambda: in_halves(ask, rows) == rows and fitting == [4, 4])
    assert _within(6 * GB, lambda: in_halves(ask, rows) == rows and fitting == [1] * 8)


def test_memory_manners_leave_allocation_working() -> None:
    keep_freed_memory()
    keep_freed_memory()
    assert torch.ones(1 << 20).sum() == 1 << 20
