import itertools
import time

import pytest

from app.errors import SetupError
from app.hub.patience import STEP, Patience, TemporaryError

FAULT = TemporaryError("It is down")


def test_a_hub_that_asks_for_too_long_a_wait_is_not_waited_for():
    started = time.monotonic()
    with pytest.raises(SetupError, match="It is down; try again later") as error:
        Patience(60.0).wait(TemporaryError("It is down", retry_after=61.0))
    assert error.value.code == "hub_unavailable"
    assert time.monotonic() - started < 10


def exhaust(patience, tick):
    for tries in itertools.count():
        try:
            patience.wait(FAULT, tick)
        except SetupError as error:
            return tries, error.code
    return None


def test_pauses_grow_and_end_for_good():
    ticks = []
    tries, code = exhaust(Patience(1.4), lambda: ticks.append(time.monotonic()))
    assert (tries, code) == (1, "hub_unavailable")
    assert len(ticks) >= 2


def test_waiting_can_be_broken_off():
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Patience(60.0).wait(TemporaryError("It is down", retry_after=30.0), stop)


def see_the_same_bytes_again_and_again(patience):
    for have in itertools.cycle((0, STEP)):
        patience.see(have)


def test_only_new_bytes_count():
    with pytest.raises(SetupError, match="hub_unavailable"):
        see_the_same_bytes_again_and_again(Patience(0.2))


def test_a_hub_that_gives_is_given_time():
    patience, start = Patience(0.2), time.monotonic()
    for have in itertools.count(STEP, STEP):
        patience.see(have)
        if time.monotonic() > start + 0.5:
            return
