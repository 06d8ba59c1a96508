"""Rooting by date: judged by a regression from many points on every branch."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.paths import depths, tip_distances
from app.phylo.rooting import root_above
from app.phylo.rooting_by_date import by_date, dated_tips, permuted_residuals
from tests.phylo.clocks import clock_tree
from tests.phylo.strategies import trees
from tests.phylo.test_minimum_variance import points


def residual_sum(dates, depth):
    """Of the best line that does not fall."""
    known = ~np.isnan(dates)
    t, y = dates[known], depth[known]
    slope, start = np.polyfit(t - t.mean(), y, 1)
    if slope < 0:
        slope, start = 0.0, y.mean()
    return float(((y - start - slope * (t - t.mean())) ** 2).sum())


def by_date_or_none(tree, dates):
    try:
        return by_date(tree, dates)
    except InputError as error:
        if error.code != "no_signal":
            raise
        return None


@given(trees(min_tips=4, max_tips=12), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_no_other_point_fits_better(tree, seed):
    rng = np.random.default_rng(seed)
    dates = 2020 + rng.integers(0, 9, tree.n_tips) / 2
    dates[rng.random(tree.n_tips) < 0.2] = np.nan
    known = dates[~np.isnan(dates)]
    assume(tree.total_length > 0)
    assume(len(known) > 2)
    assume(len(set(known)) > 1)
    least = min(residual_sum(dates, depth) for depth in points(tree))
    found = by_date_or_none(tree, dates)
    assume(found)
    rooted, fit = found
    ours = residual_sum(dates, depths(rooted)[: tree.n_tips])
    assert ours <= least + 1e-8
    assert fit["rss"] == pytest.approx(ours, abs=1e-8)
    assert fit.get("rss_second", np.inf) >= fit["rss"] - 1e-9
    np.testing.assert_allclose(tip_distances(rooted), tip_distances(tree), atol=1e-9)
    assert rooted.rooting == "date"


@pytest.mark.parametrize("seed", range(5))
def test_a_clock_tree_gets_its_own_root_back(seed):
    clock, dates, _ = clock_tree(np.random.default_rng(seed), 30, rate=0.2)
    true = depths(clock)[:30]
    moved = root_above(clock, 3, float(clock.lengths[3]) / 2, "given")
    some = dates.copy()
    some[::5] = np.nan
    for known in (dates, some):
        rooted, fit = by_date(moved, known)
        np.testing.assert_allclose(depths(rooted)[:30], true, atol=1e-6)
        assert fit["rss"] == pytest.approx(0, abs=1e-9)


def test_shuffled_dates_fit_worse_than_a_clock():
    clock, dates, _ = clock_tree(np.random.default_rng(1), 30, rate=0.2)
    found = permuted_residuals(clock, dated_tips(clock, dates), 99, np.random.default_rng(2))
    assert found.shape == (99,)
    assert found.min() > 1e-4
    again = permuted_residuals(clock, dated_tips(clock, dates), 99, np.random.default_rng(2))
    np.testing.assert_array_equal(found, again)


def test_shuffled_residuals_are_those_of_the_best_root():
    clock, dates, _ = clock_tree(np.random.default_rng(3), 12, rate=0.2)
    for seed in range(4):
        shuffled = np.random.default_rng(seed).permuted(dates)
        rng = np.random.default_rng(seed)
        [found] = permuted_residuals(clock, dated_tips(clock, dates), 1, rng)
        least = min(residual_sum(shuffled, depth) for depth in points(clock, 40))
        assert found == pytest.approx(least, rel=1e-3)


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ([2020, 2021, np.nan, np.nan], "too_few_dates"),
        ([2020, 2020, 2020, 2020], "too_few_dates"),
        ([2020, 2021, 2022], "bad_dates"),
        ([2020, np.inf, 2022, 2023], "bad_dates"),
        ([2020, 2020, 2021, 2021], "no_signal"),
    ],
)
def test_dates_that_say_nothing(dates, code):
    flat = read("((a:0,b:0):0,c:0,d:0);")
    with pytest.raises(InputError) as caught:
        by_date(flat, np.array(dates, dtype=float))
    assert caught.value.code == code
