from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.formats.newick import read, write
from app.phylo.paths import depths, tip_distances
from app.phylo.pruning import pruned, restrict
from app.phylo.splits import clades
from tests.phylo.strategies import caterpillar, trees


@given(trees(support=True), st.data())
@settings(deadline=None, max_examples=80)
def test_what_stays_is_as_it_was(tree, data):
    keep = data.draw(st.lists(st.sampled_from(tree.tips), min_size=1, unique=True))
    some = pruned(tree, keep)
    assert some.labels == tuple(tree.labels[tip] for tip in keep)
    np.testing.assert_allclose(
        tip_distances(some), tip_distances(tree)[np.ix_(keep, keep)], atol=1e-12
    )
    place = {tip: new for new, tip in enumerate(keep)}
    restricted = {frozenset(place[tip] for tip in clade & place.keys()) for clade in clades(tree)}
    assert set(clades(some)) == restricted - {frozenset()}


@given(trees(support=True), st.data())
@settings(deadline=None, max_examples=40)
def test_support_is_the_best_of_the_branches_that_are_joined(tree, data):
    keep = data.draw(st.lists(st.sampled_from(tree.tips), min_size=1, unique=True))
    some = pruned(tree, keep)
    for node in range(some.n_tips, some.root):
        tips = frozenset(keep[tip] for tip in clades(some)[node])
        alike = [
            share
            for clade, share in zip(clades(tree), tree.support, strict=True)
            if clade & set(keep) == tips
        ]
        assert some.support[node] == np.nanmax(alike)
    assert np.isnan(some.support[: some.n_tips]).all()


@given(trees(min_tips=1, max_tips=25, support=True), st.data())
@settings(deadline=None, max_examples=60)
def test_all_tips_rise_with_the_root_as_far(tree, data):
    tips = data.draw(st.lists(st.sampled_from(tree.tips), min_size=1, unique=True))
    part = restrict(tree, tips)
    # The root is their last common ancestor: no tip is further from it than before.
    fallen = depths(tree)[tips] - depths(part)[: len(tips)]
    np.testing.assert_allclose(fallen, fallen[0], atol=1e-9)
    assert (part.support, part.rooting) == (None, tree.rooting)
    assert write(part) == write(replace(pruned(tree, tips), support=None))


@given(trees())
@settings(deadline=None, max_examples=20)
def test_all_tips_kept_is_the_same_tree(tree):
    assert write(pruned(tree, tree.tips)) == write(tree)


def test_examples():
    tree = read("(((a:1,b:2)0.9:3,c:4)0.5:5,(d:6,e:7)0.8:8);")
    assert write(pruned(tree, [0, 2, 3])) == "(d:14,(a:4,c:4)0.5:5);"
    assert write(pruned(tree, [0, 1])) == "(a:1,b:2);", "the root is the last common ancestor"
    assert write(pruned(tree, [4])) == "e;"
    assert pruned(tree, [4]).rooting == "given"
    bare = pruned(caterpillar(3000), [0, 1500, 2999])
    assert bare.support is None
    assert bare.total_length == 1500 + 1 + 1499 + 1


@pytest.mark.parametrize("keep", [[], [0, 0], [9], [-1], [3]])
def test_what_cannot_be_kept_is_refused(keep):
    with pytest.raises(InputError) as caught:
        pruned(read("(a:1,b:1,c:1);"), keep)
    assert caught.value.code == "bad_tips"
