"""A GPU has one borrower at a time, unless it is there twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from workers.lending import Lender


def patience() -> None:
    """Somebody who waits."""


def impatience() -> None:
    raise TimeoutError


def test_each_has_one_borrower_at_a_time() -> None:
    lender, guard, held = Lender(["0", "1", "1"]), Lock(), Counter[str | None]()

    def use(_: int) -> None:
        name = lender.borrow(patience)
        with guard:
            held[name] += 1
            assert held[name] <= {"0": 1, "1": 2}[str(name)]
        with guard:
            held[name] -= 1
        lender.take_back(name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(500)))


def test_who_no_longer_waits_takes_none() -> None:
    lender = Lender(["0"])
    taken = lender.borrow(impatience)
    with pytest.raises(TimeoutError):
        lender.borrow(impatience)
    lender.take_back(taken)
    assert lender.borrow(impatience) == "0"


def test_without_any_nobody_waits() -> None:
    lender = Lender([])
    assert [lender.borrow(impatience) for _ in range(3)] == [None] * 3
    lender.take_back(None)
    assert lender.borrow(impatience) is None
