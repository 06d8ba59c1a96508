import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.paths import depths, tip_distances
from app.phylo.regions import WITNESSES, regions
from tests.phylo.strategies import caterpillar, random_tree, seeded


@given(st.integers(0, 10_000), st.integers(2, 150), st.integers(8, 40))
@settings(deadline=None, max_examples=30)
def test_regions_share_out_the_tips_and_fit_together(seed, n, most):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    found = regions(tree, most)
    assert sorted(tip for region in found for tip in region.tips) == list(range(n))
    assert all(2 <= len(region.tips) <= most for region in found)
    cuts = [cut.branch for region in found for cut in region.beyond]
    assert sorted(cuts) == sorted([region.top for region in found if region.top != tree.root] * 2)
    for region in found:
        if region.top != tree.root:
            assert region.beyond[0].branch == region.top


@given(st.integers(0, 10_000), st.integers(20, 60))
@settings(deadline=None, max_examples=20)
def test_witnesses_say_how_far_a_cut_is(seed, n):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    paths, depth = tip_distances(tree), depths(tree)
    for region in regions(tree, 10):
        for cut in region.beyond:
            # The branch between a tip of the region and every witness beyond, at its middle.
            middle = depth[cut.branch] - tree.lengths[cut.branch] / 2
            for tip in region.tips:
                to_cut = paths[tip, cut.tips] - cut.away
                assert to_cut == pytest.approx(np.full(len(cut.tips), to_cut[0]))
                assert to_cut[0] >= abs(depth[tip] - middle) - 1e-9
            assert 1 <= len(cut.tips) <= WITNESSES
            assert (np.diff(cut.away) >= 0).all()
            assert not set(cut.tips) & set(region.tips)


def test_a_small_tree_is_one_region():
    tree = random_tree(seeded(1), [f"m{i}" for i in range(20)], True, False)
    (only,) = regions(tree, 20)
    assert only.tips.tolist() == list(range(20))
    assert only.beyond == ()


def test_long_branches_are_cut():
    tree = random_tree(seeded(2), [f"m{i}" for i in range(500)], True, False)
    found = regions(tree, 50)
    cut = [tree.lengths[region.top] for region in found if region.top != tree.root]
    assert np.mean(cut) > 1.3 * np.mean(tree.lengths)


def test_deep_trees():
    found = regions(caterpillar(3000), 100)
    assert max(len(region.tips) for region in found) <= 100
