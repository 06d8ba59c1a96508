"""The slope of one tree: exact on a clock, and as sure of itself as it may be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress

from app.errors import InputError
from app.phylo.clock_slope import clock_slope
from app.phylo.formats.newick import read
from app.phylo.paths import depths
from tests.phylo.clocks import clock_tree

STUDENT = 2.101  # 95 % of Student's t, 18 degrees of freedom


@given(st.integers(0, 10**6), st.integers(4, 30), st.floats(0.01, 2))
@settings(deadline=None, max_examples=30)
def test_a_clock_is_read_exactly(seed, n, rate):
    tree, dates, _ = clock_tree(np.random.default_rng(seed), n, rate)
    found = clock_slope(tree, dates)
    assert found.rate == pytest.approx(rate, rel=1e-6)
    assert found.error == pytest.approx(0, abs=1e-6 * rate)
    assert found.n == n


def test_on_a_star_of_even_branches_it_is_plain_regression():
    dates = np.array([2020, 2021, 2022, 2023, 2020.5, 2022.5])
    away = np.array([3, 3.4, 3.1, 3.6, 3.2, 3.3])
    tree = read("(" + ",".join(f"m{i}:{length}" for i, length in enumerate(away)) + ");")
    found = clock_slope(tree, dates)
    assert found.rate == pytest.approx(np.polyfit(dates - 2020, away, 1)[0], rel=0.05)


def test_a_rate_may_fall():
    tree = read("(a:3,b:2.1,c:1,d:0.2);")
    assert clock_slope(tree, np.array([2020.0, 2021, 2022, 2023])).rate == pytest.approx(
        -1, abs=0.1
    )


def test_what_was_decorrelated_stands_at_right_angles():
    tree, dates, _ = clock_tree(np.random.default_rng(3), 12, 0.2, noise=0.1)
    found = clock_slope(tree, dates)
    assert found.start @ found.start == pytest.approx(1)
    for one in (found.times, found.left):
        assert one @ found.start == pytest.approx(0, abs=1e-9)
    assert found.times @ found.left == pytest.approx(0, abs=1e-9)


def test_the_interval_holds_where_plain_regression_is_too_sure():
    held = plain = 0
    for seed in range(120):
        tree, dates, _ = clock_tree(np.random.default_rng(seed), 20, 0.1, noise=0.05)
        found = clock_slope(tree, dates)
        line = linregress(dates, depths(tree)[:20])
        held += abs(found.rate - 0.1) <= STUDENT * found.error
        plain += abs(line.slope - 0.1) <= STUDENT * line.stderr
    assert held >= 120 * 0.86
    assert plain <= 120 * 0.75


def test_dates_that_are_one_date_are_refused():
    with pytest.raises(InputError, match="too_few_dates"):
        clock_slope(read("(a:1,b:2,c:3);"), np.array([2020.0, 2020, 2020]))
