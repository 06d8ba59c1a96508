"""Least-squares dating: exact on clocks, and the optimum that a slow solver finds."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.dating import date_tree, least_squares_dates
from app.phylo.formats.newick import read
from app.phylo.paths import depths
from app.phylo.regression import root_to_tip
from app.phylo.tree import Tree
from tests.phylo.clocks import clock_tree
from tests.phylo.strategies import caterpillar, trees


def cost(tree, dates, rate, error):
    """What is made least, written down anew."""
    lengths = tree.lengths[:-1]
    passed = rate * (dates[:-1] - dates[tree.parents[:-1]])
    return float(((lengths - passed) ** 2 / error[:-1]).sum())


def slowly(tree, dates, error):
    """The optimum by a general solver: no node younger than its children."""
    free = np.flatnonzero(np.isnan(np.append(dates, np.full(tree.n_nodes - tree.n_tips, np.nan))))
    middle, below = np.nanmean(dates), tree.parents[:-1]

    def unpack(x):
        tau = np.append((dates - middle) * x[0], np.zeros(tree.n_nodes - tree.n_tips))
        tau[free] = x[1:]
        return tau

    def total(x):
        tau = unpack(x)
        return cost(tree, tau, 1.0, error)

    start = np.append(1.0, np.zeros(len(free)))
    first = np.where(np.isnan(dates), np.nanmin(dates), dates) - middle
    first = np.append(first, np.full(tree.n_nodes - tree.n_tips, np.nanmin(dates) - middle))
    start[1:] = first[free]
    found = scipy.optimize.minimize(
        total,
        start,
        method="SLSQP",
        constraints=[{"type": "ineq", "fun": lambda x: unpack(x)[:-1] - unpack(x)[below]}],
        bounds=[(1e-6, None), *[(None, None)] * len(free)],
        options={"maxiter": 2000, "ftol": 1e-14},
    )
    return total(found.x)


@given(st.integers(0, 10**6), st.integers(4, 40), st.floats(0.01, 2))
@settings(deadline=None, max_examples=30)
def test_a_clock_is_dated_exactly(seed, n, rate):
    rng = np.random.default_rng(seed)
    tree, dates, when = clock_tree(rng, n, rate)
    dates[3:][rng.random(n - 3) < 0.3] = np.nan
    found = least_squares_dates(tree, dates)
    assert found.rate == pytest.approx(rate, rel=1e-5)
    root_first = depths(tree) / rate + when[-1]
    np.testing.assert_allclose(found.dates, root_first, atol=1e-3)


@given(trees(min_tips=3, max_tips=7), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_a_slow_solver_finds_nothing_better(tree, seed):
    rng = np.random.default_rng(seed)
    # Few dates, so that many tips share one: the constraints then touch each other.
    dates = 2020 + rng.integers(0, 3, tree.n_tips) / 2
    dates[3:][rng.random(tree.n_tips - 3) < 0.3] = np.nan
    try:
        found = least_squares_dates(tree, dates)
    except InputError:
        return
    assert (np.diff([found.dates[tree.parents[:-1]], found.dates[:-1]], axis=0) >= -1e-7).all()
    assume(np.isfinite(found.error).all() and found.error.max() > 0)
    error = found.error / found.error.max()
    assume(error.min() > 1e-3)
    ours = cost(tree, found.dates, found.rate, error)
    assert ours <= slowly(tree, dates, error) * (1 + 1e-5) + 1e-9


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_no_node_is_younger_than_its_children_whatever_the_order(seed):
    rng = np.random.default_rng(seed)
    tree, dates, _ = clock_tree(rng, 60, 0.2, noise=0.3)
    found = least_squares_dates(tree, dates)
    assert (found.dates[:-1] - found.dates[tree.parents[:-1]] >= -1e-7).all()
    np.testing.assert_array_equal(found.dates[:60], dates)
    order = rng.permutation(60)
    rows = [*order, *range(60, tree.n_nodes)]
    mixed = Tree(tuple(tree.labels[tip] for tip in order), tree.parents[rows], tree.lengths[rows])
    again = least_squares_dates(mixed, dates[order])
    assert again.rate == pytest.approx(found.rate, rel=1e-6)
    np.testing.assert_allclose(again.dates[60:], found.dates[60:], atol=1e-4)


def test_a_start_elsewhere_ends_at_the_same_optimum():
    rng = np.random.default_rng(5)
    tree, dates, _ = clock_tree(rng, 40, 0.2, noise=0.2)
    other, _, _ = clock_tree(rng, 40, 0.2, noise=0.2)
    first = least_squares_dates(tree, dates)
    moved = Tree(tree.labels, tree.parents, other.lengths)
    fresh, warm = least_squares_dates(moved, dates), least_squares_dates(moved, dates, first)
    assert warm.rate == pytest.approx(fresh.rate, rel=1e-6)
    np.testing.assert_allclose(warm.dates, fresh.dates, atol=1e-4)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held_root, held_rate = 0, 0
    for seed in range(60):
        tree, dates, when = clock_tree(np.random.default_rng(seed), 30, 0.2, noise=0.1)
        found = date_tree(tree, dates, seed, replicates=40, permutations=99)
        held_root += found.earliest[-1] <= when[-1] <= found.latest[-1]
        held_rate += found.rate_interval[0] <= 0.2 <= found.rate_interval[1]
        assert found.n_dated == 30
        assert found.p_value <= 0.05
        assert (found.earliest <= found.dates).all()
        assert (found.dates <= found.latest).all()
    assert min(held_root, held_rate) >= 45  # of 60; see date_tree on how exact they are


@pytest.mark.parametrize(
    ("tree", "dates", "code"),
    [
        (read("(a:3,b:2,c:1);"), [2020, 2021, 2022], "no_signal"),
        (read("(a:1,b:2,c:3);"), [2020, 2021, 2022], "no_signal"),  # 1 of 6 orders: p > 0.05
        (read("(a:1,b:2,c:3);"), [2020, 2021, np.nan], "too_few_dates"),
        (read("(a:1,b:2,c:3);"), [2020, 2020, 2020], "too_few_dates"),
        (read("(a:0,b:0,c:0);"), [2020, 2021, 2022], "no_signal"),
    ],
)
def test_no_dates_are_invented(tree, dates, code):
    with pytest.raises(InputError) as caught:
        date_tree(tree, np.array(dates, dtype=float), seed=0)
    assert caught.value.code == code
    if code == "no_signal" and tree.lengths[0] != 1:
        with pytest.raises(InputError, match="no_signal"):
            least_squares_dates(tree, np.array(dates, dtype=float))


def test_a_root_that_may_be_of_any_date_is_not_dated():
    # Long branches that have nothing to do with time hide a weak clock.
    rng = np.random.default_rng(2)
    dates = 2022 + np.arange(40) / 20
    lengths = 0.4 + 0.02 * (dates - 2022) + 0.01 * rng.standard_normal(40)
    tree = read("(" + ",".join(f"m{i}:{length}" for i, length in enumerate(lengths)) + ");")
    assert root_to_tip(tree, dates, 0).p_value < 0.01
    with pytest.raises(InputError, match="any date"):
        date_tree(tree, dates, seed=0)


def test_deep_trees():
    tree = caterpillar(1000)
    depth = depths(tree)
    found = least_squares_dates(tree, 2000 + depth[:1000] / 100)
    assert found.rate == pytest.approx(100)
    np.testing.assert_allclose(found.dates, 2000 + depth / 100, atol=1e-4)
