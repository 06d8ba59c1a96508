"""Which answers are still as they were: known without making them again.

An answer whose caller names its ETag is made once more, and remembered with the state of the
database and of the index before it was made. As long as both are the same, so is the answer.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from starlette.concurrency import run_in_threadpool

from app.api.dependencies import Runtime
from app.errors import GenebankError

# What passes a filter is kept for a minute (services/filters): so is what was made of it.
KEPT_S = 60.0
KEPT = 10_000

Key = tuple[bytes | str, ...]


@dataclass(frozen=True)
class Remembered:
    """The ETag of an answer, the state that it was made in, and its route, for the log."""

    state: str
    tag: str
    route: Any
    at: float = field(default_factory=time.monotonic)


class Freshness:
    """The ETags of answers that were asked for again, and one reading of the state for many.

    Requests that wait while the state is read share the reading after: it must begin after they
    came, or it would not hold what was committed before them.
    """

    def __init__(self) -> None:
        self._remembered: OrderedDict[Key, Remembered] = OrderedDict()
        self._reading: asyncio.Future[str | None] | None = None
        self._next: asyncio.Future[str | None] | None = None

    async def state(self, runtime: Runtime) -> str | None:
        """The state of the database and of the index; None while the database does not answer."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._read(runtime, self._reading))
        return await asyncio.shield(self._next)

    def recall(self, key: Key, state: str) -> Remembered | None:
        """What is still as it was."""
        found = self._remembered.get(key)
        if found is None or found.state != state or time.monotonic() - found.at > KEPT_S:
            return None
        return found

    def remember(self, key: Key, answer: Remembered) -> None:
        """Keep an answer's tag."""
        self._remembered[key] = answer
        self._remembered.move_to_end(key)
        while len(self._remembered) > KEPT:
            self._remembered.popitem(last=False)

    async def _read(
        self, runtime: Runtime, before: asyncio.Future[str | None] | None
    ) -> str | None:
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        changes = runtime.candidates.changes
        try:
            return f"{await run_in_threadpool(runtime.state.read)} {changes}"
        except GenebankError:
            return None
