"""Minimum variance: judged by trying many points on every branch."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.phylo.comparison import robinson_foulds
from app.phylo.formats.newick import read, write
from app.phylo.minimum_variance import minimum_variance
from app.phylo.paths import depths, tip_distances
from app.phylo.rooting import root_above
from tests.phylo.strategies import caterpillar, trees


def points(tree, per_branch=7):
    """The root-to-tip distances, (tips,), from points all over a tree."""
    for node in range(tree.root):
        if tree.lengths[node] > 0:
            for share in np.linspace(0.02, 0.98, per_branch):
                hung = root_above(tree, node, float(tree.lengths[node]) * share, "")
                yield depths(hung)[: tree.n_tips]


@given(trees(min_tips=2, max_tips=15))
@settings(deadline=None, max_examples=40)
def test_no_other_point_varies_less(tree):
    assume(tree.total_length > 0)
    rooted, fit = minimum_variance(tree)
    ours = depths(rooted)[: tree.n_tips]
    least = min(depth.std() for depth in points(tree))
    assert ours.std() <= least + 1e-9
    assert fit["cv"] == pytest.approx(ours.std() / ours.mean(), abs=1e-6)
    assert fit.get("cv_second", np.inf) >= fit["cv"] - 1e-9
    assert rooted.rooting == "minimum_variance"


@given(trees(min_tips=3, max_tips=25), st.data())
@settings(deadline=None, max_examples=50)
def test_where_the_tree_hung_before_does_not_matter(tree, data):
    node = data.draw(st.integers(0, tree.root - 1))
    assume(tree.lengths[node] > 0)
    elsewhere = root_above(tree, node, float(tree.lengths[node]) * 0.3, "given")
    (once, fit), (again, same) = minimum_variance(tree), minimum_variance(elsewhere)
    assert robinson_foulds(once, tree) == 0
    np.testing.assert_allclose(tip_distances(once), tip_distances(tree), atol=1e-9)
    # Two points may be equally good, so the roots are compared by what they promise.
    assert depths(once)[: tree.n_tips].std() == pytest.approx(
        depths(again)[: tree.n_tips].std(), abs=1e-7
    )
    assert same["cv"] == pytest.approx(fit["cv"], abs=1e-6)


def test_a_clock_tree_gets_its_own_root_back():
    clock = "((a:1,b:1)0.5:3,((c:1,d:1)0.9:1,e:2)0.7:2);"
    for node in range(5):
        moved = root_above(read(clock), node, 0.4, "given")
        rooted, fit = minimum_variance(moved)
        assert depths(rooted)[:5] == pytest.approx([4] * 5)
        assert fit["cv"] == pytest.approx(0, abs=1e-7)
        assert fit["cv_second"] > 0.1
        assert len(rooted.children()[rooted.root]) == 2


def test_degenerate_trees():
    flat, fit = minimum_variance(read("((a:0,b:0):0,c:0);"))
    assert (write(flat), fit) == (write(read("((a:0,b:0):0,c:0);")), {})
    assert minimum_variance(read("a;"))[0].labels == ("a",)
    two, fit = minimum_variance(read("(a:1,b:3);"))
    assert (write(two), fit) == ("(a:2,b:2);", {"cv": 0.0})
    star, fit = minimum_variance(read("(a:1,b:1,c:1,d:1);"))
    assert write(star) == "(a:1,b:1,c:1,d:1);"
    assert fit["cv"] == fit["cv_second"] == pytest.approx(0, abs=1e-7)


def test_deep_trees():
    rooted, _ = minimum_variance(caterpillar(3000))
    # The middle of the whole path, as from there either half is the same.
    assert depths(rooted).max() == pytest.approx(1500, abs=1)
