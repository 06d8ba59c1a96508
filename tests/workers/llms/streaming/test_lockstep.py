"""Passes in lockstep: each part comes as seldom as it can, and each pass ends as if alone."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.llms.streaming.lockstep import Lockstep, one_by_one

PARTS = st.lists(st.integers(0, 4), max_size=8)


class Shelf:
    """Holds one part, and writes down which came."""

    def __init__(self) -> None:
        self.together = Lockstep()
        self.came: list[int] = []

    def need(self, part: int) -> None:
        self.together.meet(
            lambda: bool(self.came) and self.came[-1] == part, lambda: self.came.append(part)
        )

    def passing(self, parts: list[int]) -> Callable[[], list[int]]:
        def walk() -> list[int]:
            seen = []
            for part in parts:
                self.need(part)
                seen.append(self.came[-1])
            return seen

        return walk


def _changes(parts: list[int]) -> list[int]:
    return [part for at, part in enumerate(parts) if at == 0 or parts[at - 1] != part]


@given(PARTS, st.integers(1, 6))
def test_passes_that_need_the_same_share_each_coming(parts: list[int], n: int) -> None:
    shelf = Shelf()
    assert shelf.together.run([shelf.passing(parts)] * n) == [parts] * n
    assert shelf.came == _changes(parts)


@given(st.lists(PARTS, max_size=5))
def test_passes_that_need_different_parts_get_them_all(walks: list[list[int]]) -> None:
    shelf = Shelf()
    assert shelf.together.run([shelf.passing(parts) for parts in walks]) == walks


def test_a_pass_that_begins_anew_goes_through_all_parts_again() -> None:
    shelf = Shelf()

    def starting_twice() -> list[int]:
        shelf.passing([1, 2])()
        return shelf.passing([1, 2, 3])()

    assert shelf.together.run([starting_twice, shelf.passing([1, 2, 3])]) == [[1, 2, 3]] * 2


def test_one_that_breaks_leaves_nobody_waiting() -> None:
    shelf = Shelf()

    def breaking() -> list[int]:
        shelf.need(1)
        raise MemoryError

    with pytest.raises(MemoryError):
        shelf.together.run([shelf.passing([1, 2]), breaking, shelf.passing([1, 2])])
    assert shelf.came == [1, 2]
    assert shelf.together.run([shelf.passing([3])]) == [[3]]


def test_outside_of_a_run_nobody_waits() -> None:
    shelf = Shelf()
    assert shelf.passing([1, 2, 1])() == [1, 2, 1]
    assert one_by_one([shelf.passing([5]), shelf.passing([6])]) == [[5], [6]]
