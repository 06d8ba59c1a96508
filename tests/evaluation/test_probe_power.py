"""The power of a test of pairs, how few probes keep it, and how sure that is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.evaluation.probe_power import MOST_FALSE, PairTest, fewest, kept, point, steps

VALUES = arrays(np.float64, 40, elements=st.integers(0, 20).map(float))
RELATED = np.arange(40) < 15


def _mean_rate(values: np.ndarray, related: np.ndarray) -> float:
    """The share of related pairs above the threshold, averaged over false positive rates."""
    levels = (np.arange(1000) + 0.5) / 1000 * MOST_FALSE
    negatives, positives = values[~related], values[related][:, None]
    beyond = (negatives > positives).mean(axis=1) + (negatives == positives).mean(axis=1) / 2
    return float((levels > beyond[:, None]).mean())


@given(values=VALUES)
def test_power_is_the_mean_rate_of_those_found(values: np.ndarray) -> None:
    assert np.isclose(PairTest(values, RELATED).power(), _mean_rate(values, RELATED), atol=1e-2)


@given(values=VALUES, counts=arrays(np.int64, 40, elements=st.integers(0, 3)))
def test_a_weight_counts_a_pair_so_often(values: np.ndarray, counts: np.ndarray) -> None:
    again = np.repeat(np.arange(40), counts)
    power = PairTest(values, RELATED).power(counts.astype(float))
    if not RELATED[again].any() or RELATED[again].all():
        assert np.isnan(power)
    else:
        assert np.isclose(power, PairTest(values[again], RELATED[again]).power())


@given(values=VALUES)
def test_only_the_order_counts(values: np.ndarray) -> None:
    assert PairTest(values, RELATED).power() == PairTest(np.exp(values / 7), RELATED).power()


def test_power_is_1_where_all_are_found_and_0_where_none() -> None:
    values = RELATED.astype(float)
    assert PairTest(values, RELATED).power() == 1
    assert PairTest(-values, RELATED).power() == 0
    assert point(3, values, RELATED) == type(point(3, values, RELATED))(3, 1.0, 1.0, 1.0)


@given(n_probes=st.integers(1, 3000))
def test_steps_rise_to_all(n_probes: int) -> None:
    grid = steps(n_probes)
    assert grid == sorted(set(grid))
    assert (grid[0], grid[-1]) == (1, n_probes)
    assert steps(100) == [1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100]


@given(powers=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_fewest_and_all_more_keep_the_power(powers: list[float]) -> None:
    place = fewest(powers)
    assert all(value >= 0.98 * powers[-1] for value in powers[place:])
    assert place == 0 or powers[place - 1] < 0.98 * powers[-1]


def test_the_share_that_is_kept_lies_in_its_interval() -> None:
    rng = np.random.default_rng(0)
    families = rng.integers(0, 12, (2, 600))
    related = families[0] == families[1]
    strength = 2 * related
    few, all_ = strength + rng.normal(size=600), strength + 0.5 * rng.normal(size=600)
    share, interval = kept((few, all_), related, families, 200, 0)
    assert interval is not None
    assert interval[0] < share < interval[1] < 1.2
    assert kept((few, all_), related, families, 200, 0) == (share, interval)
    assert kept((all_, all_), related, families, 50, 0) == (1, (1, 1))
    assert kept((few, all_), related, families, 0, 0) == (share, None)


def test_no_share_of_no_power() -> None:
    share, interval = kept(
        (np.zeros(40), -RELATED.astype(float)), RELATED, np.zeros((2, 40), dtype=np.int64), 5, 0
    )
    assert share == pytest.approx(np.nan, nan_ok=True)
    assert interval is None
