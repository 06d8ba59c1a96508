import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import SetupError
from app.hub.patience import STEP, TICK_S, Patience, TemporaryError

LIMIT_S = 300.0
FAULT = TemporaryError("It is down")


class Clock:
    """Time passes only where somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def paused(patience, clock, fault=FAULT):
    """Return for how many seconds it waited."""
    before = clock.now
    patience.wait(fault)
    return clock.now - before


def exhaust(patience, clock, found):
    while True:
        found.append(paused(patience, clock))


def test_pauses_grow_and_end_for_good(clock):
    found = []
    with pytest.raises(SetupError, match="hub_unavailable"):
        exhaust(Patience(LIMIT_S, clock), clock, found)
    assert found == pytest.approx([0.5, 1, 2, 4, 8, 16, *(len(found) - 6) * [30]])
    assert LIMIT_S - 30 < sum(found) <= LIMIT_S


@given(asked=st.floats(0, 2 * LIMIT_S))
def test_what_a_hub_asks_for_is_waited_for_or_not_begun(asked):
    clock = Clock()
    patience, fault = Patience(LIMIT_S, clock), TemporaryError("It is down", asked)
    if asked <= LIMIT_S:
        assert paused(patience, clock, fault) == pytest.approx(max(asked, 0.5))
        return
    with pytest.raises(SetupError, match="It is down; try again later") as error:
        patience.wait(fault)
    assert error.value.code == "hub_unavailable"
    assert clock.now == Clock().now


def test_no_tick_is_long_after_another(clock):
    ticks = []
    Patience(LIMIT_S, clock).wait(TemporaryError("", 10.0), lambda: ticks.append(clock.now))
    assert len(ticks) == 10 / TICK_S


def test_waiting_can_be_broken_off(clock):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Patience(LIMIT_S, clock).wait(TemporaryError("It is down", retry_after=30.0), stop)
    assert clock.now == Clock().now


def test_time_passes_by_itself():
    ticks = []
    Patience(LIMIT_S).wait(FAULT, lambda: ticks.append(1))
    assert ticks


def test_only_new_bytes_count(clock):
    patience = Patience(LIMIT_S, clock)
    for have in (STEP, 0, STEP, 2 * STEP - 1):
        patience.see(have)
        clock.sleep(LIMIT_S / 4)
    patience.see(STEP)
    clock.sleep(1.0)
    with pytest.raises(SetupError, match=r"hub_unavailable.*too slowly"):
        patience.see(STEP)


def test_a_hub_that_gives_is_given_time(clock):
    patience = Patience(LIMIT_S, clock)
    for step in range(1, 10):
        assert paused(patience, clock) == pytest.approx(0.5)
        clock.sleep(LIMIT_S - 1)
        patience.see(step * STEP)
        patience.see(step * STEP)
