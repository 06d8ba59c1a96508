"""Bootstrap support: against a slow count, by hand, and what must not matter."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.bootstrap import bootstrap
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from app.phylo.rooting import midpoint
from app.phylo.splits import clade_masks, mask_of
from app.phylo.tree import assemble
from tests.phylo.strategies import trees


def noisy(n, seed, r, noise=0.2):
    """Distances of points in space, and r replicates of them with noise."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 4))
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    return distances, [
        symmetric(distances * np.exp(noise * rng.normal(size=(n, n)))) for _ in range(r)
    ]


def symmetric(matrix):
    upper = np.triu(matrix, 1)
    return upper + upper.T


def joined(distances):
    return neighbour_joining(distances, [f"m{i}" for i in range(len(distances))])


def by_split(tree, column):
    """The numbers of a column by the side of their branch that lacks tip 0."""
    everything = (1 << tree.n_tips) - 1
    pairs = zip(clade_masks(tree), column, strict=True)
    return {min(mask, mask ^ everything): x for mask, x in pairs if not np.isnan(x)}


def slow(tree, replicates):
    """Both supports straight from their definitions, split against split."""
    n = tree.n_tips
    everything = (1 << n) - 1
    others = [clade_masks(joined(one))[:-1] for one in replicates]
    shares, transfer = np.full(tree.n_nodes, np.nan), np.full(tree.n_nodes, np.nan)
    for node, mask in enumerate(clade_masks(tree)):
        smaller = min(mask.bit_count(), n - mask.bit_count())
        if smaller >= 2:
            moved = [
                min(
                    min((mask ^ one).bit_count(), (mask ^ one ^ everything).bit_count())
                    for one in masks
                )
                for masks in others
            ]
            shares[node] = np.mean([one == 0 for one in moved])
            transfer[node] = 1 - np.mean(moved) / (smaller - 1)
    return shares, transfer


@given(st.integers(4, 20), st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_a_slow_count_agrees(n, seed):
    distances, replicates = noisy(n, seed, r=5)
    tree = midpoint(joined(distances))
    found = bootstrap(tree, replicates)
    shares, transfer = slow(tree, replicates)
    np.testing.assert_allclose(found.shares, shares)
    np.testing.assert_allclose(found.transfer, transfer)
    assert found.replicates == 5
    known = ~np.isnan(shares)
    assert (found.transfer[known] >= found.shares[known] - 1e-12).all()
    assert (found.transfer[known] >= 0).all()


@given(trees(min_tips=4, max_tips=25, binary=True))
@settings(deadline=None, max_examples=30)
def test_a_tree_is_borne_out_by_its_own_distances(tree):
    found = bootstrap(tree, [tip_distances(tree)] * 3)
    known = ~np.isnan(found.shares)
    assert (found.shares[known] == 1).all()
    assert (found.transfer[known] == 1).all()


@given(st.integers(4, 20), st.integers(0, 10**6))
@settings(deadline=None, max_examples=20)
def test_neither_root_nor_order_matters(n, seed):
    distances, replicates = noisy(n, seed, r=4)
    tree = joined(distances)
    order = np.random.default_rng(seed).permutation(n)
    shuffled = replace(
        joined(distances[np.ix_(order, order)]), labels=tuple(f"m{i}" for i in order)
    )
    one, rooted = bootstrap(tree, replicates), midpoint(tree)
    two = bootstrap(rooted, replicates, seed=5)
    other = bootstrap(shuffled, [each[np.ix_(order, order)] for each in replicates])
    for column in ("shares", "transfer"):
        wanted = by_split(tree, getattr(one, column))
        assert by_split(rooted, getattr(two, column)) == pytest.approx(wanted)
        everything, theirs = (1 << n) - 1, {}
        for mask, value in zip(clade_masks(shuffled), getattr(other, column), strict=True):
            side = mask_of(int(order[tip]) for tip in range(n) if mask >> tip & 1)
            if not np.isnan(value):
                theirs[min(side, side ^ everything)] = value
        assert theirs == pytest.approx(wanted)


def test_transfers_by_hand():
    # ((a,b,c),d,(e,f)): of the three splits, abc|def has p = 3, ef|abcd p = 2, ab|cdef p = 2.
    names = ["a", "b", "c", "d", "e", "f", None, None, None, None]
    tree = assemble(names, [6, 6, 7, 9, 8, 8, 7, 9, 9, -1], [1.0] * 9 + [0.0])
    # c and d changed places: ((a,b,d),c,(e,f)). abc|def lacks one transfer of p - 1 = 2.
    other = assemble(names, [6, 6, 9, 7, 8, 8, 7, 9, 9, -1], [1.0] * 9 + [0.0])
    found = bootstrap(tree, [tip_distances(tree), tip_distances(other)])
    assert found.shares[6:9].tolist() == [1, 0.5, 1]
    assert found.transfer[6:9].tolist() == [1, 0.75, 1]
    assert np.isnan(found.shares[[*range(6), 9]]).all()


def test_what_ties_is_not_supported():
    star = np.ones((12, 12)) - np.eye(12)
    found = bootstrap(joined(star), [star] * 100)
    assert np.nanmax(found.shares) < 0.3
    copies = np.zeros((8, 8))
    assert np.nanmax(bootstrap(joined(copies), [copies] * 100).shares) < 0.6


def test_both_branches_at_the_root_are_one():
    distances, replicates = noisy(9, 3, r=10)
    tree = midpoint(joined(distances))
    left, right = np.flatnonzero(tree.parents == tree.root)
    found = bootstrap(tree, replicates)
    np.testing.assert_equal(found.shares[left], found.shares[right])


@pytest.mark.parametrize("n", [1, 2, 3])
def test_small_trees_have_nothing_to_support(n):
    found = bootstrap(joined(np.ones((n, n)) - np.eye(n)), [np.ones((n, n)) - np.eye(n)])
    assert np.isnan(found.shares).all()
    assert np.isnan(found.transfer).all()


def test_replicates_are_not_changed():
    distances, replicates = noisy(10, 1, r=1)
    before = replicates[0].copy()
    bootstrap(joined(distances), replicates)
    assert np.array_equal(before, replicates[0])


@pytest.mark.parametrize(
    ("replicates", "code"),
    [
        ([], "no_replicates"),
        ([np.zeros((4, 4))], "bad_distances"),
        ([np.full((5, 5), np.nan)], "bad_distances"),
        ([np.full((5, 5), np.inf)], "bad_distances"),
        ([-np.ones((5, 5))], "bad_distances"),
        ([np.ones((5, 5))], "bad_distances"),
        ([np.triu(np.ones((5, 5)), 1)], "bad_distances"),
    ],
)
def test_bad_replicates_are_refused(replicates, code):
    tree = joined(np.ones((5, 5)) - np.eye(5))
    with pytest.raises(InputError) as caught:
        bootstrap(tree, replicates)
    assert caught.value.code == code
