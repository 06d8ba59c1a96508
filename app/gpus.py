"""A leaf: which GPUs a worker lends to its jobs, each to one job at a time."""

from itertools import takewhile
from pathlib import Path

DEVICES = Path("/dev")


def lent(named: str | None, devices: Path = DEVICES) -> tuple[str, ...]:
    """The GPUs of a worker, as CUDA_VISIBLE_DEVICES spells them; none: jobs compute on the CPU.

    `named` is what the operator says: one that stands there twice is lent to two jobs at once.
    None: all that the driver of NVIDIA shows under `devices`.
    """
    if named is None:
        return tuple(str(n) for n, _ in enumerate(devices.glob("nvidia[0-9]*")))
    names = (name.strip() for name in named.split(","))
    # As CUDA reads it: what stands behind -1 is hidden.
    return tuple(takewhile(lambda name: name not in ("", "-1"), names))
