"""How much memory a batch may take, and what is done when there is not enough."""

import ctypes
import os
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

# What a process holds beside weights, caches and logits: libraries, and the tensors of one pass.
RESERVE = 1 << 30
LEAST = 64 << 20
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def batch_bytes(device: str, weight_bytes: int, memory_mb: int | None) -> int:
    """Return the bytes that the cache and the logits of one batch may take.

    On a GPU: what is free there once the model is loaded, rounded down to a power of two so that
    a resumed run, which finds a little more or less, has the same batches. On the CPU, where the
    same must hold to the byte: what is left of `memory_mb`, or of half the machine's memory.
    """
    if device == "cuda":
        free, _ = torch.cuda.mem_get_info()
        return 1 << max(LEAST, free - RESERVE).bit_length() - 1
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    given = total if memory_mb is None else min(total, memory_mb * 1_000_000)
    return max(LEAST, given - weight_bytes - RESERVE)


def in_halves(
    ask: Callable[[Sequence[Asked]], list[Answer]], rows: Sequence[Asked]
) -> list[Answer]:
    """Ask all rows at once; where memory runs out, one half and then the other, and so on.

    Raises MemoryError, or torch's own on a GPU, where a single row does not fit.
    """
    try:
        return ask(rows)
    except (MemoryError, torch.OutOfMemoryError):
        if len(rows) == 1:
            raise
    # Only here is the failed attempt's memory free again: its error held on to its tensors.
    torch.cuda.empty_cache()
    middle = len(rows) // 2
    return in_halves(ask, rows[:middle]) + in_halves(ask, rows[middle:])


def keep_freed_memory() -> None:
    """Tell glibc not to hand freed tensors back to the kernel; elsewhere do nothing.

    The page faults of fresh memory took up to 80 % of the time of a batch of 64 rows.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)
