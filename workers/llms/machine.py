"""Where a model runs: the one place that chooses device, dtype, threads and memory manners."""

import ctypes
from dataclasses import dataclass, replace

import torch

# Below this many parameters a second thread costs more than it gives, and more rows cost little.
# A step of 32 rows on two busy cores took with one thread 22 ms (1 M parameters) and 196 ms (27 M),
# with two that spin for each other 514 ms and 658 ms. OMP_WAIT_POLICY=PASSIVE in the environment
# of the process cures the spinning (42 ms and 103 ms) but can only be set before it starts.
SMALL = 50_000_000
_SMALL_ROWS = 64
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's malloc.h


@dataclass(frozen=True)
class Machine:
    """A device, the dtype that models have on it, and the bytes that one batch may take there."""

    device: str
    dtype: torch.dtype
    batch_bytes: int
    most_rows: int


def choose_machine() -> Machine:
    """Return CUDA in bfloat16 where there is one that can, else the CPU in float32."""
    if torch.cuda.is_available():
        good = torch.cuda.is_bf16_supported(including_emulation=False)
        return Machine("cuda", torch.bfloat16 if good else torch.float32, 8 << 30, 128)
    return Machine("cpu", torch.float32, 1 << 30, 32)


def fit(machine: Machine, parameters: int, threads: int | None) -> Machine:
    """Set torch's threads, and return the machine with the rows that suit a model's size.

    Threads are as asked, else one for a small model and torch's default for others.
    """
    small = parameters < SMALL
    if threads is not None or small:
        torch.set_num_threads(threads or 1)
    return replace(machine, most_rows=max(machine.most_rows, _SMALL_ROWS if small else 1))


def keep_freed_memory() -> None:
    """Tell glibc not to hand freed tensors back to the kernel; elsewhere do nothing.

    A growing cache is reallocated at each step, and the page faults of fresh memory took up to
    80 % of the time of a batch of 64 rows (measured: 3.1 s before, 2.0 s after).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        mallopt(_M_TRIM_THRESHOLD, 1 << 30)
