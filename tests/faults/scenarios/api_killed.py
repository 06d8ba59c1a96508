"""SIGKILL of the web process while clients hand in models: what was answered 202 is kept."""

import random
import time

from tests.faults.load import clients
from tests.faults.outcome import Outcome
from tests.faults.stack import Stack
from tests.faults.verdict import judge

# From when it is ready; requests take milliseconds, so most kills hit one.
PAUSE_S = (0.0, 0.6)


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Kill it, start it anew on the same port, and go on."""
    with clients(stack, "api_killed", number=3, pause_s=0.15) as load:
        for _ in range(times):
            time.sleep(rng.uniform(*PAUSE_S))
            stack.api.kill()
            stack.api.start()
            stack.await_ready()
    return judge(stack, load, times, more={"unanswered": load.unanswered})
