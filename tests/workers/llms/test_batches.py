"""Padding loses nothing and says where it is."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from workers.llms import batches

ROWS = st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=5)


@given(ROWS, st.booleans())
def test_the_mask_finds_the_rows_again(rows: list[list[int]], left: bool) -> None:
    ids, mask = batches.pad(rows, 3, left), batches.mask(rows, left)
    assert ids.shape == mask.shape == (len(rows), max(map(len, rows)))
    assert [row[kept.bool()].tolist() for row, kept in zip(ids, mask, strict=True)] == rows
    assert torch.all(ids[mask == 0] == 3)
    edge = 0 if not left else -1
    assert all(kept[edge] == 1 for kept, row in zip(mask, rows, strict=True) if row)
