"""Several requests at once, under the eyes of one thread."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

from workers.lending import TICK_S

T = TypeVar("T")


def as_answered(
    ask: Callable[[int], T],
    items: Sequence[int],
    hands: int,
    heartbeat: Callable[[], None],
    cut: Callable[[], None],
) -> Iterator[tuple[int, T]]:
    """Yield (item, `ask(item)`) as they come, `hands` at once; calls `heartbeat` every tick.

    The first error ends it, of `ask`, of `heartbeat` or thrown in: `cut` then has the calls that
    are under way fail at once, and the others are never made.
    """
    with ThreadPoolExecutor(hands, thread_name_prefix="endpoint") as pool:
        waiting = {pool.submit(ask, item): item for item in items}
        try:
            while waiting:
                heartbeat()
                done, _ = wait(waiting, timeout=TICK_S, return_when=FIRST_COMPLETED)
                # What was answered is kept before an error ends it all.
                for future in sorted(done, key=lambda one: one.exception() is not None):
                    yield waiting.pop(future), future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            cut()
            raise
