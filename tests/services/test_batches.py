"""Streams in batches, made one ahead."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services import batches as cutting
from app.services.batches import ahead, batches


@given(sizes=st.lists(st.integers(0, 9), max_size=30))
def test_batches_are_cut_by_number_and_by_bytes(sizes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BATCH", 4)
        patch.setattr(cutting, "BATCH_BYTES", 12)
        found = [list(batch) for batch in batches(sizes, lambda size: size)]
    assert [size for batch in found for size in batch] == sizes
    assert all(batch and len(batch) <= 4 and sum(batch[:-1]) < 12 for batch in found)
    assert all(len(batch) == 4 or sum(batch) >= 12 for batch in found[:-1])


@given(items=st.lists(st.integers()))
def test_what_is_made_ahead_comes_in_order(items: list[int]) -> None:
    assert list(ahead(iter(items))) == items


def test_the_next_is_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(3)]

    def making() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    for number in ahead(making()):
        if number < 2:
            assert made[number + 1].wait(10)


def test_what_making_raises_is_raised_and_what_using_raises_ends_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    seen = []
    with pytest.raises(ZeroDivisionError):
        seen.extend(ahead(broken()))
    before = threading.active_count()
    used = ahead(iter(range(9)))
    assert next(used) == 0
    used.close()
    assert threading.active_count() <= before
