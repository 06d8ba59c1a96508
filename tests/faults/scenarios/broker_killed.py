"""SIGKILL of Redis, which then comes back empty: messages are lost, jobs are not."""

import random
import time
from dataclasses import replace

from tests.faults.load import clients
from tests.faults.outcome import Outcome
from tests.faults.stack import Stack
from tests.faults.verdict import judge

PAUSE_S = (1.0, 3.0)
AWAY_S = (0.0, 1.0)
# How long a job may wait for a worker that is free.
MOST_DELAY_S = 10.0


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Kill it, leave it away for a while, start it empty, and go on."""
    with clients(stack, "broker_killed", number=1, pause_s=0.7) as load:
        for _ in range(times):
            time.sleep(rng.uniform(*PAUSE_S))
            stack.redis.kill()
            time.sleep(rng.uniform(*AWAY_S))
            stack.redis.start()
        time.sleep(PAUSE_S[1])
    outcome = judge(stack, load, times)
    if outcome.worst_delay_s > MOST_DELAY_S:
        late = f"a job waited {outcome.worst_delay_s:.1f} seconds for a worker"
        return replace(outcome, broken=(*outcome.broken, late))
    return outcome
