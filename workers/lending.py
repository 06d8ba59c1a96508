"""GPUs are lent: a process that computes has one to itself, until it has ended."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

TICK_S = 0.1


class Lender:
    """Some GPUs, for many threads; where there is none, nobody waits for one."""

    def __init__(self, gpus: Sequence[str]) -> None:
        """Take their names; one that comes twice is lent to two at once."""
        self._has_any = bool(gpus)
        self._free = SimpleQueue[str]()
        for name in gpus:
            self._free.put(name)

    def borrow(self, heartbeat: Callable[[], None]) -> str | None:
        """Wait until one is free; `heartbeat`, which may raise, is called about every tick."""
        while self._has_any:
            with suppress(Empty):
                return self._free.get(timeout=TICK_S)
            heartbeat()
        return None

    def take_back(self, name: str | None) -> None:
        """What `borrow` gave is free again."""
        if name is not None:
            self._free.put(name)
