"""Passes of a model that go from part to part together, so that each part comes once for all."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
Pass = Callable[[], T]


class Lockstep:
    """Runs passes in threads of which one computes at a time, and which meet between parts."""

    def __init__(self) -> None:
        self._baton = threading.Condition()
        self._running = self._waiting = self._round = 0

    def run(self, passes: Sequence[Pass[T]]) -> list[T]:
        """Return what the passes return, in their order; raises what one of them raised."""
        self._running = len(passes)
        with ThreadPoolExecutor(max(1, len(passes)), "pass") as threads:
            ended = [threads.submit(self._see_through, one) for one in passes]
        return [one.result() for one in ended]

    def meet(self, is_here: Callable[[], bool], bring: Callable[[], None]) -> None:
        """Return once a part is here; it is brought when every pass that runs waits for one.

        A pass that runs alone, or outside of `run`, waits for nobody.
        """
        with self._baton:
            while not is_here():
                self._waiting += 1
                if self._waiting >= self._running:
                    bring()
                    self._begin_round()
                else:
                    now = self._round
                    self._baton.wait_for(lambda: self._round != now)  # noqa: B023 - called at once

    def _see_through(self, one: Pass[T]) -> T:
        with self._baton:
            try:
                return one()
            finally:
                self._running -= 1
                self._begin_round()

    def _begin_round(self) -> None:
        """Let all who wait look again."""
        self._waiting = 0
        self._round += 1
        self._baton.notify_all()


def one_by_one(passes: Sequence[Pass[T]]) -> list[T]:
    """Run passes of a model whose weights are all there."""
    return [one() for one in passes]
