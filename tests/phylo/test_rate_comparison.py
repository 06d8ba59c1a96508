"""Comparing rates: false alarms as often as promised, differences found."""

import numpy as np
import pytest

from app.phylo.rate_comparison import compare_rates
from app.phylo.rates import family_rates
from tests.phylo.test_rates import joined, ladder, world


def compared(seed, rates, sizes, permutations=99):
    tree, dates, families = world(seed, rates, sizes)
    return compare_rates(family_rates(tree, dates, families), seed, permutations)


def test_one_rate_for_all_is_rarely_called_different():
    found = [compared(seed, [0.1, 0.1, 0.1], [6, 9, 14]) for seed in range(50)]
    # Of 50 p-values as they should be, 9 or more at most 0.05 come once in a thousand times.
    assert sum(one.p_value <= 0.05 for one in found) < 9
    assert sum(any(pair.q_value <= 0.05 for pair in one.differences) for one in found) < 9
    assert np.mean([one.common for one in found]) == pytest.approx(0.1, rel=0.1)


def test_different_rates_are_found():
    found = [compared(seed, [0.05, 0.1, 0.3], [10, 14, 18]) for seed in range(10)]
    assert sum(one.p_value <= 0.05 for one in found) >= 8
    for one in found:
        assert one.families == 3
        assert [(pair.a[-1], pair.b[-1]) for pair in one.differences] == [
            ("0", "1"), ("0", "2"), ("1", "2"),
        ]  # fmt: skip
        slowest = one.differences[1]
        assert slowest.difference < 0
        assert slowest.low <= slowest.difference <= slowest.high
        assert slowest.p_value <= slowest.q_value <= 1


def test_the_seed_decides():
    assert compared(1, [0.1, 0.2], [7, 8]) == compared(1, [0.1, 0.2], [7, 8])


def test_replicates_make_differences_less_sure():
    tree, dates, families = world(2, [0.1, 0.15], [10, 10])
    rng = np.random.default_rng(0)
    noisy = [
        type(tree)(tree.labels, tree.parents, tree.lengths * rng.uniform(0.2, 1.8, tree.n_nodes))
        for _ in range(10)
    ]
    [sure] = compare_rates(family_rates(tree, dates, families), 0, 99).differences
    [less] = compare_rates(family_rates(tree, dates, families, noisy), 0, 99).differences
    assert less.difference == sure.difference
    assert less.p_value > sure.p_value


def test_one_family_is_compared_with_nobody():
    tree, dates, families = world(3, [0.1, 0.1], [8, 8])
    dates[:6] = np.nan
    found = compare_rates(family_rates(tree, dates, families), 0)
    assert (found.families, found.p_value, found.differences) == (1, None, ())


def test_exact_lines_of_different_rates():
    tree, dates, families = joined([ladder(0.1), ladder(0.2)])
    found = compare_rates(family_rates(tree, dates, families), 0, 99)
    assert found.differences[0].difference == pytest.approx(-0.1)
    assert found.differences[0].p_value < 1e-6
