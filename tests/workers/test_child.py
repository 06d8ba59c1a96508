"""How a replicate cuts its batches; the rest of the child is tested through the worker."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from workers.child import recut

PLANS = st.lists(st.integers(1, 130), max_size=6).map(
    lambda sizes: [[*range(sum(sizes[:n]), sum(sizes[: n + 1]))] for n in range(len(sizes))]
)


@given(PLANS)
def test_the_entry_itself_is_asked_as_planned(plan: list[list[int]]) -> None:
    assert recut(plan, 0) == plan


@given(PLANS, st.integers(1, 20))
def test_a_replicate_is_asked_the_same_in_smaller_batches(
    plan: list[list[int]], replicate: int
) -> None:
    cut = recut(plan, replicate)
    assert [*chain(*cut)] == [*chain(*plan)]
    assert all(cut)
    assert len(cut) == sum(1 + (len(batch) > 1) for batch in plan)


def test_replicates_cut_a_long_batch_in_different_places() -> None:
    whole = [list(range(100))]
    assert len({len(recut(whole, replicate)[0]) for replicate in range(1, 21)}) == 20
