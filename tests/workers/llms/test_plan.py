"""The batch rule: a partition that depends on sizes and order alone."""

from hypothesis import given
from hypothesis import strategies as st

from workers.llms.plan import cut, runs

SIZES = st.lists(st.integers(0, 50), max_size=60)
MOST = st.integers(0, 400)
ROWS = st.integers(1, 20)


@given(SIZES, MOST, ROWS)
def test_every_index_is_in_one_batch_in_order_of_size(
    sizes: list[int], most: int, rows: int
) -> None:
    order = [index for batch in cut(sizes, most, rows) for index in batch]
    assert sorted(order) == list(range(len(sizes)))
    keys = [(sizes[index], index) for index in order]
    assert keys == sorted(keys)


@given(SIZES, MOST, st.none() | ROWS)
def test_runs_are_whole_within_bounds_and_as_long_as_may_be(
    sizes: list[int], most: int, rows: int | None
) -> None:
    found = runs(sizes, most, rows)
    assert [at for run in found for at in run] == list(range(len(sizes)))

    def fits(run: range) -> bool:
        small = len(run) * max(sizes[at] for at in run) <= most
        return len(run) == 1 or (small and (rows is None or len(run) <= rows))

    assert all(map(fits, found))
    assert not any(fits(range(run.start, run.stop + 1)) for run in found[:-1])
