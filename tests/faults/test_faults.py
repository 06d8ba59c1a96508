"""A few faults of the kinds that take seconds, on one stack; `make faults` makes all of them."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.faults.outcome import Outcome
from tests.faults.programs import MissingProgramError
from tests.faults.scenarios import (
    asked_to_end,
    broker_killed,
    zombies,
)
from tests.faults.stack import Stack, running
from tests.faults.table import schedule
from tests.postgres import Surroundings

SEED = 6
FEW: dict[str, tuple[Callable[[Stack, Random, int], Outcome], int]] = {
    "broker_killed": (broker_killed.run, 2),
    "asked_to_end": (asked_to_end.run, 2),
    "zombies": (zombies.run, 9),
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """One stack for all; skips where a server is not installed, fails where CI is set."""
    try:
        with running(n_workers=2) as one:
            yield one
    except MissingProgramError as error:
        pytest.fail(str(error)) if Surroundings().ci else pytest.skip(str(error))


@pytest.mark.parametrize("name", FEW)
def test_nothing_is_lost_and_nothing_doubled(stack: Stack, name: str) -> None:
    run, times = FEW[name]
    outcome = run(stack, schedule(name, SEED), times)
    assert outcome.broken == ()
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert outcome.jobs > 0
