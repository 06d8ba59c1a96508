"""Distributions as text: every bin is a character, and the mark stands below the value's bin."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.cli.histograms import AXIS, BEFORE, BEYOND, LEVELS, MARK, axis, merged, rows

shares = st.lists(st.floats(0, 1), min_size=1, max_size=70)


@given(shares, st.integers(1, 6))
def test_a_bin_is_a_column_and_higher_bins_are_higher(values: list[float], height: int) -> None:
    drawn = rows(values, height)
    assert len(drawn) == height
    assert {len(row) for row in drawn} == {len(values)}
    heights = [sum(LEVELS.index(row[i]) for row in drawn) for i in range(len(values))]
    for a, first in zip(values, heights, strict=True):
        assert all(first <= other for b, other in zip(values, heights, strict=True) if a < b)
    if max(values) > 1e-9:
        assert max(heights) == height * (len(LEVELS) - 1)


def test_what_is_rare_is_seen_and_what_is_next_to_nothing_is_not() -> None:
    assert rows([1.0, 0.01, 0.001, 0.0], 1) == ["█▁  "]
    assert rows([0.0, 0.0], 2) == ["  ", "  "]


@given(st.floats(-5, 15), st.integers(1, 60))
def test_the_mark_stands_below_the_bin_of_the_value(value: float, n_bins: int) -> None:
    edges = np.linspace(0, 10, n_bins + 1).tolist()
    line = axis(edges, value)
    if value < 0:
        assert line == BEFORE + AXIS * (n_bins - 1)
    elif value >= 10:
        assert line == AXIS * n_bins + BEYOND
    else:
        assert line.count(MARK) == 1
        assert len(line) == n_bins
        at = line.index(MARK)
        assert edges[at] - 1e-9 <= value <= edges[at + 1] + 1e-9


@given(shares, st.integers(1, 9))
def test_wider_bins_hold_what_the_narrow_ones_held(values: list[float], n: int) -> None:
    wide = merged(values, n)
    assert len(wide) == -(-len(values) // n)
    assert np.isclose(sum(wide), sum(values))
