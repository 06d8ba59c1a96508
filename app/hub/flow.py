"""Take items as another thread makes them, and never wait for long."""

from collections.abc import Callable, Generator, Iterable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

DEPTH = 64


class _End:
    """The last in a queue; `error` is why nothing more comes, None where all is said."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


def flowing(make: Callable[[], Iterable[T]], tick_s: float) -> Generator[T | None, None, None]:
    """Yield the items of `make()`, which runs in a thread, and None where `tick_s` brought none.

    Raises what `make` raises. When the iterator is closed early, the thread ends by itself with
    the next item, and what it makes goes nowhere.
    """
    queue: Queue[T | _End] = Queue(DEPTH)
    abandoned = Event()
    Thread(target=_pump, args=(make, queue, abandoned), daemon=True).start()
    try:
        while True:
            try:
                item = queue.get(timeout=tick_s)
            except Empty:
                yield None
                continue
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        abandoned.set()


def _pump(make: Callable[[], Iterable[T]], queue: Queue[T | _End], abandoned: Event) -> None:
    end = _End()
    try:
        for item in make():
            if not _put(item, queue, abandoned):
                return
    except Exception as error:  # noqa: BLE001  whoever takes the items raises it
        end = _End(error)
    _put(end, queue, abandoned)


def _put(item: T | _End, queue: Queue[T | _End], abandoned: Event) -> bool:
    while not abandoned.is_set():
        try:
            queue.put(item, timeout=1.0)
        except Full:
            continue
        return True
    return False
