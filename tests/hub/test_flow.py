import threading
from contextlib import closing

import pytest

from app.hub.flow import DEPTH, flowing


def test_items_come_in_order():
    assert [item for item in flowing(lambda: range(1000), 10.0) if item is not None] == [
        *range(1000)
    ]


def test_a_slow_source_does_not_hold_the_taker():
    go = threading.Event()

    def slow():
        go.wait()
        yield 1

    items = flowing(slow, 0.01)
    assert [next(items), next(items)] == [None, None]
    go.set()
    assert [item for item in items if item is not None] == [1]


def test_errors_reach_the_taker():
    def broken():
        yield 1
        raise OSError("broken")

    items = flowing(broken, 10.0)
    assert next(items) == 1
    with pytest.raises(OSError, match="broken"):
        next(items)


def test_an_abandoned_source_ends():
    ended = threading.Event()

    def endless():
        try:
            while True:
                yield 1
        finally:
            ended.set()

    with closing(flowing(endless, 10.0)) as items:
        assert next(items) == 1
    assert ended.wait(10)


def test_a_source_does_not_run_ahead():
    full, too_far = threading.Event(), threading.Event()

    def many():
        for number in range(10 * DEPTH):
            if number == DEPTH:
                full.set()
            if number > DEPTH + 2:
                too_far.set()
            yield number

    with closing(flowing(many, 10.0)) as items:
        next(items)
        assert full.wait(10)
        assert not too_far.wait(0.2)
