"""Where a model runs: the one place that chooses device, dtype, threads and sizes of batches."""

import platform
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from workers.llms.memory import batch_bytes

# Below this many parameters a second thread costs more than it gives. A step of 32 rows on two busy
# cores took with one thread 22 ms (1 M parameters) and 196 ms (27 M), with two that spin for each
# other 514 ms and 658 ms. OMP_WAIT_POLICY=PASSIVE in the environment of the process cures the
# spinning (42 ms and 103 ms) but can only be set before it starts.
SMALL = 50_000_000
# From so many parameters on, a CPU takes minutes for a batch, and a killed job loses a batch.
LARGE = 1_000_000_000
_LARGE_ROWS = 32


@dataclass(frozen=True)
class Machine:
    """A device, the dtype that models have on it, and how much is asked of it at a time.

    A batch has at most `most_rows` rows, whose cache and logits may take `batch_bytes`. In one
    pass are read about `pass_tokens` tokens of prompts, beside whose caches there must be room, or
    `score_tokens` of passages, which have none.
    """

    device: str
    name: str
    dtype: torch.dtype
    most_rows: int
    batch_bytes: int
    pass_tokens: int
    score_tokens: int


def choose_machine() -> Machine:
    """Return CUDA in bfloat16 where there is one that can, else the CPU in float32.

    On a CPU, passages of 2,100 tokens took a model of 500 million parameters 18.1 s in passes of
    512 tokens, 17.0 s in those of 1,024, and 14.8 s in one: each pass lays out the weights anew.
    """
    if torch.cuda.is_available():
        good = torch.cuda.is_bf16_supported(including_emulation=False)
        dtype = torch.bfloat16 if good else torch.float32
        return Machine("cuda", torch.cuda.get_device_name(), dtype, 256, 8 << 30, 8192, 8192)
    return Machine("cpu", _processor(), torch.float32, 128, 1 << 30, 512, 3072)


def set_threads(parameters: int, threads: int | None) -> None:
    """Set torch's threads as asked, else to one for a small model; others keep the default."""
    if threads is not None or parameters < SMALL:
        torch.set_num_threads(threads or 1)


def fit(machine: Machine, parameters: int, memory_mb: int | None, *, streamed: bool) -> Machine:
    """Return the machine with batches that suit a loaded model.

    `memory_mb` is what the process may hold (workers.llms.memory). A model that is streamed has
    large batches, because each reads all weights.
    """
    if streamed:
        return replace(machine, batch_bytes=batch_bytes(machine.device, 0, memory_mb))
    slow = machine.device == "cpu" and parameters >= LARGE
    given = batch_bytes(machine.device, parameters * machine.dtype.itemsize, memory_mb)
    return replace(machine, most_rows=_LARGE_ROWS if slow else machine.most_rows, batch_bytes=given)


def _processor() -> str:
    """Return what the kernel calls the processor."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
