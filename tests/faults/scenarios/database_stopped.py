"""PostgreSQL is stopped in immediate mode: 503 with Retry-After meanwhile, then all goes on."""

import random
import time
from collections.abc import Sequence

from tests.faults.ledger import written
from tests.faults.load import Load, clients
from tests.faults.outcome import Outcome
from tests.faults.stack import Stack, wait_for
from tests.faults.verdict import judge

PAUSE_S = (0.5, 2.5)
AWAY_S = (0.0, 1.5)
# From the order to start until a model is accepted and a job ends.
BACK_WITHIN_S = 15.0
GIVES_UP_AFTER_S = 60.0


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Stop it, leave it away for a while, start it, and go on when it is back."""
    backs: list[float] = []
    with clients(stack, "database_stopped", number=2, pause_s=0.5) as load:
        for _ in range(times):
            time.sleep(rng.uniform(*PAUSE_S))
            stack.postgres.stop_at_once()
            time.sleep(rng.uniform(*AWAY_S))
            backs.append(_start(stack, load))
    more = {"worst_back_s": max(backs), "answers_503": load.said[503]}
    return judge(stack, load, times, _late(backs), more)


def _start(stack: Stack, load: Load) -> float:
    """Start it; the seconds until a model was accepted and a job has ended."""
    began = time.monotonic()
    stack.postgres.start()
    ended = _ended(stack, load)
    wait_for(
        lambda: load.accepted_at > began and _ended(stack, load) > ended,
        GIVES_UP_AFTER_S,
        "work to go on",
    )
    return time.monotonic() - began


def _ended(stack: Stack, load: Load) -> int:
    return sum(one.is_over for one in written(stack.database, load.name))


def _late(backs: Sequence[float]) -> list[str]:
    return [f"it took {back:.1f} seconds to be back" for back in backs if back > BACK_WITHIN_S]
