"""Pauses between tries: exponential, with full jitter, and bounded."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import RetryCallState

from app.errors import SetupError
from workers.endpoints.faults import PassingError, unavailable
from workers.endpoints.patience import Patience


def passing(retry_after_s: float = 0.0) -> PassingError:
    return PassingError(unavailable("it is busy"), retry_after_s)


def pause(patience: Patience, attempt: int, error: PassingError) -> float:
    retrying = patience.retrying(threading.Event())
    state = RetryCallState(retrying, None, (), {})
    state.attempt_number = attempt
    state.set_exception((type(error), error, None))
    assert callable(retrying.wait)
    return retrying.wait(state)


@given(st.integers(1, 20), st.floats(0, 100))
def test_a_pause_lies_between_nothing_and_a_bound_that_doubles(
    attempt: int, retry_after_s: float
) -> None:
    bound = min(60.0, 2.0 ** (attempt - 1))
    pauses = [pause(Patience(), attempt, passing(retry_after_s)) for _ in range(20)]
    assert all(retry_after_s <= one <= retry_after_s + bound for one in pauses)
    assert len(set(pauses)) > 1


def test_the_whole_range_is_used() -> None:
    pauses = [pause(Patience(), 4, passing()) for _ in range(200)]
    assert min(pauses) < 1
    assert max(pauses) > 7


@pytest.mark.parametrize(
    ("patience", "tries"),
    [
        (Patience(tries=3, first_s=0.001), 3),
        (Patience(tries=100, first_s=0.001, longest_s=0.001, total_s=0.0), 1),
    ],
)
def test_patience_ends(patience: Patience, tries: int) -> None:
    made = []

    def fail() -> None:
        made.append(1)
        raise passing()

    with pytest.raises(PassingError):
        patience.retrying(threading.Event())(fail)
    assert len(made) == tries


def test_other_errors_are_not_waited_for() -> None:
    def fail() -> None:
        raise SetupError("final", "No.")

    with pytest.raises(SetupError):
        Patience().retrying(threading.Event())(fail)
