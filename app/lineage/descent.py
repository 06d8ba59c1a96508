"""Lines of declared descent: who is reached by going from a model to its declared bases.

Claims are strangers' words, so they may run in circles or on without end: every walk is bounded.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

# A fine-tune of a fine-tune of a merge is seldom more than three or four steps from its founder.
MOST_STEPS = 8
# Every reached model costs some look-ups.
MOST_MODELS = 200


def lines(start: T, nexts: Callable[[T], Iterable[T]]) -> dict[T, tuple[T, ...]]:
    """Return the shortest line to each model that `nexts` leads to from `start`, nearest first.

    {model: the models between it and `start`, beginning beside `start`}; the start itself is
    never reached. At most MOST_STEPS steps and MOST_MODELS models.
    """
    found: dict[T, tuple[T, ...]] = {}
    waiting: deque[tuple[T, tuple[T, ...]]] = deque([(start, ())])
    while waiting:
        model, between = waiting.popleft()
        beyond = between if model == start else (*between, model)
        for following in nexts(model):
            if following == start or following in found:
                continue
            if len(found) == MOST_MODELS:
                return found
            found[following] = beyond
            if len(beyond) + 1 < MOST_STEPS:
                waiting.append((following, beyond))
    return found
