"""SIGKILL of whole workers, at any moment of a job or of their start."""

import random
import time

from tests.faults.load import clients
from tests.faults.outcome import Outcome
from tests.faults.stack import Stack
from tests.faults.verdict import judge

# A worker needs about two seconds to start: killed much faster, none would ever work.
PAUSE_S = (0.3, 1.7)


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Kill a worker, start it anew, and go on."""
    with clients(stack, "workers_killed", number=1, pause_s=0.4) as load:
        for _ in range(times):
            time.sleep(rng.uniform(*PAUSE_S))
            victim = rng.choice(stack.workers)
            victim.kill()
            victim.start()
    return judge(stack, load, times)
