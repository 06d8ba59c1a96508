"""Root-to-tip regression: exact on a clock, honest where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read
from app.phylo.paths import depths
from app.phylo.regression import root_to_tip
from app.phylo.rooted import root
from app.phylo.tree import Tree
from tests.phylo.clocks import clock_tree


@given(st.integers(0, 10**6), st.integers(4, 40), st.floats(0.01, 2))
@settings(deadline=None, max_examples=30)
def test_a_clock_is_read_exactly(seed, n, rate):
    tree, dates, when = clock_tree(np.random.default_rng(seed), n, rate)
    found = root_to_tip(tree, dates, seed=0, permutations=19)
    assert found.rate == pytest.approx(rate)
    assert found.r2 == pytest.approx(1)
    assert found.root_date == pytest.approx(when[-1])
    np.testing.assert_allclose(found.residuals, 0, atol=1e-9)
    assert found.n_dated == n


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_numpy_agrees_and_the_order_of_tips_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    tree, dates, _ = clock_tree(rng, 15, 0.2, noise=0.2)
    dates[:4] = np.nan
    found = root_to_tip(tree, dates, seed=0, permutations=19)
    known = ~np.isnan(dates)
    slope, _ = np.polyfit(dates[known], depths(tree)[:15][known], 1)
    assert found.rate == pytest.approx(slope, rel=1e-4)
    assert np.isnan(found.residuals).tolist() == (~known).tolist()
    order = rng.permutation(15)
    parents = tree.parents[[*order, *range(15, tree.n_nodes)]]
    lengths = tree.lengths[[*order, *range(15, tree.n_nodes)]]
    mixed = Tree(tuple(tree.labels[tip] for tip in order), parents, lengths)
    again = root_to_tip(mixed, dates[order], seed=0, permutations=19)
    assert (again.rate, again.r2) == pytest.approx((found.rate, found.r2))


def test_a_rate_that_falls_has_no_root_date():
    tree = read("(a:3,b:2,c:1);")
    found = root_to_tip(tree, np.array([2020.0, 2021, 2022]), seed=0, permutations=99)
    assert (found.rate, found.root_date) == (pytest.approx(-1), None)
    assert found.p_value > 0.5


@pytest.mark.parametrize("rooting", ["midpoint", "date"])
def test_dates_without_meaning_are_significant_as_often_as_they_say(rooting):
    rng = np.random.default_rng(0)
    found = []
    for seed in range(60):
        tree, _, _ = clock_tree(rng, 15, 0.2, noise=0.1)
        dates = 2021 + 3 * rng.random(15)
        try:
            rooted = root(tree, rooting, dates=dates).tree
        except InputError:
            found.append(1.0)
            continue
        found.append(root_to_tip(rooted, dates, seed, permutations=39).p_value)
    # Of 60 p-values as they should be, 10 or more at most 0.05 come once in a thousand times.
    assert sum(p <= 0.05 for p in found) < 10


@pytest.mark.parametrize("rooting", ["midpoint", "date"])
def test_a_clock_is_significant(rooting):
    tree, dates, _ = clock_tree(np.random.default_rng(4), 25, 0.2, noise=0.05)
    rooted = root(tree, rooting, dates=dates).tree
    found = root_to_tip(rooted, dates, seed=1, permutations=199)
    assert found.p_value == 1 / 200 if rooting == "date" else found.p_value <= 0.05


def test_what_says_nothing_is_refused():
    with pytest.raises(InputError, match="no_signal"):
        root_to_tip(read("(a:1,b:1,c:1);"), np.array([2020.0, 2021, 2022]), seed=0)
    with pytest.raises(InputError, match="no_signal"):
        root_to_tip(read("(a:0,b:0,c:0);"), np.array([2020.0, 2021, 2022]), seed=0)
    with pytest.raises(InputError, match="too_few_dates"):
        root_to_tip(read("(a:1,b:1,c:1);"), np.array([2020.0, 2021, np.nan]), seed=0)
