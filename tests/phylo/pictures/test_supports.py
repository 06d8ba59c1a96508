import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.phylo.pictures.marks import Dot
from app.phylo.pictures.supports import dot_at, fits, number, number_above


@pytest.mark.parametrize(
    ("share", "shown"), [(1.0, "100"), (0.999, "99"), (0.29, "29"), (0.57, "57"), (0.0, "0")]
)
def test_percent_is_rounded_down_so_that_100_means_all(share, shown):
    assert number(share) == shown


@given(st.integers(0, 100))
def test_whole_percents_stay(percent):
    assert number(percent / 100) == str(percent)


def test_grades():
    shares = (1.0, 0.95, 0.94, 0.75, 0.74, 0.5)
    found = [dot_at(1, 2, share, 4.0)[0] for share in shares]
    assert [dot.ink for dot in found] == ["dot-strong"] * 2 + ["dot-fair"] * 2 + ["dot-weak"] * 2
    assert found[0] == Dot(1, 2, 4.0, "dot-strong")
    assert found[-1].radius < found[2].radius < 4.0
    assert dot_at(1, 2, 0.49, 4.0) == dot_at(1, 2, math.nan, 4.0) == []


def test_a_number_needs_a_long_branch_and_a_high_row():
    assert fits(0.9, 40, 20)
    assert not fits(0.9, 10, 20)
    assert not fits(0.9, 40, 8)


def test_a_number_stands_above_its_branch_at_any_angle():
    assert number_above(10, 20, 0.9).y < 20
    beside = number_above(10, 20, 0.9, angle=90)
    assert beside.x > 10
    assert beside.y == pytest.approx(20)
