"""How long a hub may give nothing: tries again after growing pauses, and a bound on the whole."""

import time
from collections.abc import Callable
from typing import Protocol

from app.errors import SetupError

TICK_S = 0.25
STEP = 1024**2
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


class TemporaryError(Exception):
    """What may pass: a server's trouble or a broken connection; `retry_after` in seconds."""

    def __init__(self, said: str, retry_after: float = 0.0) -> None:
        super().__init__(said)
        self.retry_after = retry_after


class Clock(Protocol):
    """What passes the time, in seconds: as the module `time` does."""

    def monotonic(self) -> float:
        """Return the time now."""

    def sleep(self, seconds: float, /) -> None:
        """Return that much later."""


class Patience:
    """Ends when the hub gave less than a MiB in `limit_s` seconds, tries and pauses included."""

    def __init__(self, limit_s: float, clock: Clock = time) -> None:
        self._clock = clock
        self._limit_s = limit_s
        self._have = 0
        self._pause_s = _FIRST_PAUSE_S
        self._until = self._clock.monotonic() + limit_s

    def see(self, have: int) -> None:
        """Note how many bytes are here; SetupError `hub_unavailable` when they grow too slowly.

        Bytes that come again do not count.
        """
        if have >= self._have + STEP:
            self._have = have
            self._pause_s = _FIRST_PAUSE_S
            self._until = self._clock.monotonic() + self._limit_s
        elif self._clock.monotonic() > self._until:
            raise self._over("It sends too slowly")

    def wait(self, fault: TemporaryError, tick: Callable[[], None] = lambda: None) -> None:
        """Sleep before the next try, calling `tick` all the while, as long as the hub asks.

        SetupError `hub_unavailable` when that would take too long.
        """
        pause = max(self._pause_s, fault.retry_after)
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        end = self._clock.monotonic() + pause
        if end > self._until:
            raise self._over(str(fault)) from fault
        while (left := end - self._clock.monotonic()) > 0:
            tick()
            self._clock.sleep(min(left, TICK_S))

    def _over(self, said: str) -> SetupError:
        return SetupError(
            "hub_unavailable",
            f"The hub cannot be used for the moment. {said}; try again later.",
        )
