"""The batch rule: a partition that depends on lengths and order alone."""

from hypothesis import given
from hypothesis import strategies as st

from workers.llms.plan import cut, rows_within

LENGTHS = st.lists(st.integers(0, 50), max_size=60)


@given(LENGTHS, st.integers(1, 20))
def test_every_index_is_in_one_full_batch_in_order_of_length(lengths: list[int], rows: int) -> None:
    batches = cut(lengths, rows)
    order = [index for batch in batches for index in batch]
    assert sorted(order) == list(range(len(lengths)))
    keys = [(lengths[index], index) for index in order]
    assert keys == sorted(keys)
    assert all(len(batch) == rows for batch in batches[:-1])
    assert all(0 < len(batch) <= rows for batch in batches)


@given(st.integers(0, 10**12), st.integers(1, 10**9), st.integers(1, 128))
def test_rows_are_as_many_as_fit(budget: int, row_bytes: int, most: int) -> None:
    rows = rows_within(budget, row_bytes, most)
    assert 1 <= rows <= most
    assert rows == 1 or rows * row_bytes <= budget
    assert rows == most or (rows + 1) * row_bytes > budget
