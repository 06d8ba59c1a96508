"""SIGTERM of workers, web process and reconciler, as at each new version: no counter moves."""

import random
import signal
import time
from dataclasses import replace

from tests.faults.ledger import written
from tests.faults.load import clients
from tests.faults.outcome import Outcome
from tests.faults.processes import Program
from tests.faults.stack import Stack
from tests.faults.verdict import judge

PAUSE_S = (0.3, 2.5)
# The share that are not workers.
OTHERS = 0.2
# A program that is not at work yet just ends.
ENDS_WITH = (0, -signal.SIGTERM)


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Ask one of them to end, start it anew, and go on."""
    broken: list[str] = []
    with clients(stack, "asked_to_end", number=1, pause_s=0.3) as load:
        for _ in range(times):
            time.sleep(rng.uniform(*PAUSE_S))
            victim = _victim(stack, rng)
            code = victim.end()
            if code not in ENDS_WITH:
                broken.append(f"a program that was asked to end ended with {code}")
            victim.start()
    outcome = judge(stack, load, times, broken)
    counted = [
        f"a counter moved: {one}"
        for one in written(stack.database, load.name)
        if one.lease_losses or one.model_faults
    ]
    return replace(outcome, broken=(*outcome.broken, *counted[:5]), more={"counters": len(counted)})


def _victim(stack: Stack, rng: random.Random) -> Program:
    if rng.random() < OTHERS:
        return rng.choice([stack.api, stack.reconciler])
    return rng.choice(stack.await_workers())
