"""The door to rooting: every method, its fit, and what it refuses."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read
from app.phylo.minimum_variance import minimum_variance
from app.phylo.paths import depths, tip_distances
from app.phylo.rooted import ROOTINGS, root
from tests.phylo.clocks import clock_tree
from tests.phylo.strategies import trees
from tests.phylo.test_minimum_variance import points
from tests.phylo.test_rooting import support_of_splits


@pytest.mark.parametrize("method", ROOTINGS)
def test_the_record_says_which_and_how_well(method):
    clock, dates, _ = clock_tree(np.random.default_rng(0), 12, rate=0.2, noise=0.05)
    rooted = root(clock, method, *_needs(method, clock, dates))
    assert rooted.method == rooted.tree.rooting == method
    assert rooted.fit
    assert all(math.isfinite(value) for value in rooted.fit.values())
    for name, value in rooted.fit.items():
        assert rooted.fit.get(f"{name}_second", value) >= value


@pytest.mark.parametrize("method", ROOTINGS)
@given(tree=trees(min_tips=4, max_tips=15, binary=True, support=True))
@settings(deadline=None, max_examples=20)
def test_rooting_changes_nothing_but_the_root(method, tree):
    dates = 2020 + depths(tree)[: tree.n_tips]
    # As far from some root, tips of any date fit a flat line.
    assume(minimum_variance(tree)[1]["cv"] > 0.01 and np.ptp(dates) > 0.01)
    rooted = root(tree, method, *_needs(method, tree, dates)).tree
    assert robinson_foulds(tree, rooted) == 0
    np.testing.assert_allclose(tip_distances(rooted), tip_distances(tree), atol=1e-9)
    before, after = support_of_splits(tree), support_of_splits(rooted)
    # The two branches of the old root are one split, and may have disagreed on its support.
    assert len(before.items() - after.items()) <= 1


@given(trees(min_tips=3, max_tips=12, binary=True))
@settings(deadline=None, max_examples=20)
def test_the_second_radius_is_that_of_another_branch(tree):
    fit = root(tree, "midpoint").fit
    assert min(depth.max() for depth in points(tree, 30)) >= fit["radius"] - 1e-9
    assert fit["radius"] <= fit["radius_second"] <= 2 * fit["radius"]


def test_a_long_branch_makes_a_midpoint_sure():
    fit = root(read("((a:1,b:1):4,(c:1,d:1):4);"), "midpoint").fit
    assert fit == pytest.approx({"cv": 0, "radius": 5, "radius_second": 9})
    assert root(read("(a:1,b:3);"), "midpoint").fit == pytest.approx({"cv": 0, "radius": 2})
    assert root(read("(a:0,b:0);"), "midpoint").fit == {}


@pytest.mark.parametrize(
    ("method", "outgroup", "dates"),
    [("longest", (), None), ("midpoint", ["a"], None), ("outgroup", (), None), ("date", (), None)],
)
def test_methods_get_what_they_need_and_nothing_else(method, outgroup, dates):
    with pytest.raises(InputError, match="bad_rooting"):
        root(read("((a:1,b:1):1,c:1);"), method, outgroup, dates)


def _needs(method, tree, dates):
    return (tree.labels[:1] if method == "outgroup" else (), dates if method == "date" else None)
