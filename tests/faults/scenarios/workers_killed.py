"""SIGKILL of whole workers, at any moment of a job or of their start."""

import random
import time

from tests.faults.load import clients
from tests.faults.outcome import Outcome
from tests.faults.stack import Stack
from tests.faults.verdict import judge

# How long some worker has been at work, at least, when the next one is killed.
PAUSE_S = (0.2, 3.0)
# The share that is killed wherever it is; the others are at work. A worker takes seconds to start:
# were all killed before that, no work would ever be done.
ANYWHERE = 0.1


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Kill a worker, start it anew, and go on."""
    with clients(stack, "workers_killed", number=1, pause_s=1.0) as load:
        for _ in range(times):
            at_work = stack.await_workers()
            time.sleep(rng.uniform(*PAUSE_S))
            victim = rng.choice(stack.workers if rng.random() < ANYWHERE else at_work)
            victim.kill()
            victim.start()
    return judge(stack, load, times)
