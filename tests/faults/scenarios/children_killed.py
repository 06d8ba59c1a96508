"""SIGKILL of the processes in which weights are read: jobs' own, and the one they are forked from.

The kernel kills a job's own process so when memory runs out, so it counts against the model; at
the third time the model is quarantined. A job that was hit twice is therefore spared. Killed with
the process that forks them all, jobs are as lost as with their worker.
"""

import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from os import kill
from pathlib import Path

import httpx2

from tests.faults.ledger import written
from tests.faults.load import Load
from tests.faults.outcome import Outcome
from tests.faults.processes import descendants
from tests.faults.stack import Stack
from tests.faults.verdict import judge
from tests.tiny_model import write_model

PAUSE_S = (0.1, 0.8)
# Some jobs are over before they are hit.
MODELS_A_KILL = 2
MOST_FAULTS = 2


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """Kill a process of a job, or now and then the one that forks them."""
    load = Load(stack, "children_killed", 0)
    for number in range(MODELS_A_KILL * times):
        write_model(stack.models / f"{load.name}-{number}", seed=rng.randrange(1 << 30))
    with httpx2.Client(base_url=stack.url, timeout=60) as client:
        for folder in sorted(stack.models.glob(f"{load.name}-*")):
            load.hand_in(client, f"local:{folder}")
    killed = 0
    while killed < times and not all(one.is_over for one in written(stack.database, load.name)):
        time.sleep(rng.uniform(*PAUSE_S))
        killed += _kill_one(stack, rng.choice)
    return judge(stack, load, killed)


def _kill_one(stack: Stack, choose: Callable[[list[int]], int]) -> bool:
    """Kill one process of a job that may be hit once more; whether there was one."""
    spared = {
        one.job_id
        for one in written(stack.database, "children_killed")
        if one.model_faults >= MOST_FAULTS
    }
    family = {w: descendants(w.pid) for w in stack.workers if w.is_running}
    victims = [
        pid
        for pids in family.values()
        if not any(_job_of(pid) in spared for pid in pids)
        for pid in pids
        if any(map(_job_of, pids))
    ]
    if not victims:
        return False
    with suppress(ProcessLookupError):
        kill(choose(victims), signal.SIGKILL)
        return True
    return False


def _job_of(pid: int) -> str:
    """The job whose private folder a process works in; empty for the zygote."""
    with suppress(OSError):
        name = Path(f"/proc/{pid}/cwd").readlink().name
        if name.startswith("job_"):
            return name.partition("-")[0]
    return ""
