import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.phylo.paths import tip_distances
from app.phylo.regions import WITNESSES, regions
from app.phylo.splits import clades
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


@given(st.integers(0, 10_000), st.integers(20, 120))
@settings(deadline=None, max_examples=20)
def test_witnesses_are_the_nearest_tips_beyond(seed, n):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    paths, below = tip_distances(tree), clades(tree)
    for region in regions(tree, 10):
        for cut in region.beyond:
            side = below[cut.branch]
            beyond = set(tree.tips) - side if cut.branch == region.top else side
            assert not beyond & set(region.tips.tolist())
            assert set(cut.tips.tolist()) <= beyond
            assert len(cut.tips) == min(WITNESSES, len(beyond))
            # From any tip of the region the way to the cut is the same: only the rest differs.
            order = sorted(beyond, key=lambda tip: paths[region.tips[0], tip])
            farthest = paths[region.tips[0], order[len(cut.tips) - 1]]
            assert (paths[region.tips[0], cut.tips] <= farthest + 1e-9).all()


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
