"""Which scenarios there are, how often each is done, and one of them played."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.outcome import Outcome
from tests.faults.scenarios import (
    api_killed,
    asked_to_end,
    broker_killed,
    children_killed,
    database_stopped,
    disk_full,
    workers_killed,
    zombies,
)
from tests.faults.small_disk import inside
from tests.faults.stack import Stack, running

# A schedule, and how many faults to make.
Play = Callable[[random.Random, int], Outcome]


@dataclass(frozen=True)
class Scenario:
    """What is done, and how many times: all of it, and a few to see that it still works."""

    play: Play
    full: int
    short: int


def on_stack(run: Callable[[Stack, random.Random, int], Outcome], n_workers: int = 2) -> Play:
    """Play it on a stack of its own."""

    def play(rng: random.Random, times: int) -> Outcome:
        with running(n_workers) as stack:
            return run(stack, rng, times)

    return play


def on_small_disk(rng: random.Random, times: int) -> Outcome:
    """Play what needs a disk that can be filled."""
    return inside(disk_full.__name__, str(rng.random()), str(times))


SCENARIOS = {
    "workers_killed": Scenario(on_stack(workers_killed.run, n_workers=3), full=800, short=8),
    "children_killed": Scenario(on_stack(children_killed.run), full=200, short=2),
    "api_killed": Scenario(on_stack(api_killed.run), full=200, short=5),
    "broker_killed": Scenario(on_stack(broker_killed.run), full=50, short=3),
    "database_stopped": Scenario(on_stack(database_stopped.run), full=50, short=2),
    "zombies": Scenario(on_stack(zombies.run), full=100, short=5),
    "disk_full": Scenario(on_small_disk, full=20, short=2),
    "asked_to_end": Scenario(on_stack(asked_to_end.run), full=50, short=5),
}


@dataclass(frozen=True)
class Played:
    """What came of a scenario, and its line of JSON."""

    outcome: Outcome
    line: str


def play(name: str, seed: int, times: int) -> Played:
    """Play a scenario; MissingProgramError where what it needs is not installed."""
    began = time.monotonic()
    outcome = SCENARIOS[name].play(schedule(name, seed), times)
    return Played(outcome, outcome.line(seed, time.monotonic() - began))


def schedule(name: str, seed: int) -> random.Random:
    """The random numbers of a scenario, the same whatever was played before."""
    return random.Random(f"{name}:{seed}")  # noqa: S311 - to be repeated, not to be secret
