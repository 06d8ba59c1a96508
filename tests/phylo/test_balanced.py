from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.balanced import balanced, polish
from app.phylo.comparison import robinson_foulds
from app.phylo.formats import newick
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from app.phylo.rooting import midpoint
from app.phylo.tree import assemble
from tests.phylo.strategies import random_tree, seeded, trees


def noisy(n, seed):
    points = np.random.default_rng(seed).normal(size=(n, 5))
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


def names(n):
    return [str(i) for i in range(n)]


def shape(n, seed):
    """A binary tree that has nothing to do with any distances."""
    return random_tree(seeded(seed), names(n), binary=True, support=False)


def by_pauplin(tree, distances):
    """The sum over pairs of 2^(1 - branches between them) times their distance."""
    steps = tip_distances(replace(tree, lengths=np.append(np.ones(tree.n_nodes - 1), 0)))
    pairs = np.triu_indices(tree.n_tips, 1)
    return float((2 ** (1 - steps[pairs]) * distances[pairs]).sum())


def exchanged(tree):
    """Every tree that one exchange of neighbours makes, from an unrooted one."""
    for node in range(tree.n_tips, tree.root):
        above = int(tree.parents[node])
        beside = next(c for c in tree.children()[above] if c != node)
        for below in tree.children()[node]:
            parents = tree.parents.copy()
            parents[below], parents[beside] = above, node
            inner = [None] * (tree.n_nodes - tree.n_tips)
            yield assemble([*tree.labels, *inner], parents.tolist(), tree.lengths.tolist())


@given(st.integers(3, 40), st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_the_length_is_the_sum_over_pairs(n, seed):
    distances = noisy(n, seed)
    found = balanced(shape(n, seed), distances)
    np.testing.assert_allclose(found.length, by_pauplin(found.tree, distances))


@given(trees(min_tips=3, max_tips=30, binary=True))
@settings(deadline=None, max_examples=25)
def test_additive_distances_give_their_tree_and_lengths(tree):
    distances = tip_distances(tree)
    for found in (balanced(tree, distances), polish(tree, distances)):
        assert robinson_foulds(tree, found.tree) == 0
        np.testing.assert_allclose(tip_distances(found.tree), distances, atol=1e-9)
        np.testing.assert_allclose(found.length, tree.total_length)


@given(st.integers(3, 40), st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_a_polished_tree_is_never_longer(n, seed):
    distances = noisy(n, seed)
    for start in (shape(n, seed), neighbour_joining(distances, names(n))):
        before, after = balanced(start, distances), polish(start, distances)
        assert after.length <= before.length
        np.testing.assert_allclose(after.length, by_pauplin(after.tree, distances))
        assert polish(after.tree, distances).length == pytest.approx(after.length)


@given(st.integers(4, 10), st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_no_exchange_makes_a_polished_tree_shorter(n, seed):
    distances = noisy(n, seed)
    found = polish(shape(n, seed), distances)
    shortest = min(by_pauplin(other, distances) for other in exchanged(found.tree))
    assert shortest >= found.length * (1 - 1e-9)


@pytest.mark.parametrize(("n", "seed"), [(4, 0), (8, 1), (30, 2), (100, 3)])
def test_scikit_bio_agrees(oracle, n, seed):
    distances = noisy(n, seed)
    start = neighbour_joining(distances, names(n))
    text = oracle.ask("nni", newick=newick.write(start), distances=distances.tolist())
    judged = newick.read(text)
    order = [judged.labels.index(name) for name in names(n)]
    in_order = replace(
        judged,
        labels=tuple(names(n)),
        parents=judged.parents[[*order, *range(n, judged.n_nodes)]],
        lengths=judged.lengths[[*order, *range(n, judged.n_nodes)]],
    )
    same = balanced(in_order, distances)
    np.testing.assert_allclose(tip_distances(same.tree), tip_distances(in_order), atol=1e-9)
    # There is nothing left to polish, and neither of the two ways ends much longer.
    assert robinson_foulds(polish(in_order, distances).tree, in_order) == 0
    assert polish(start, distances).length == pytest.approx(same.length, rel=0.01)


def test_the_root_does_not_matter():
    distances = noisy(12, 4)
    joined = neighbour_joining(distances, names(12))
    one, other = polish(joined, distances), polish(midpoint(joined), distances)
    assert robinson_foulds(one.tree, other.tree) == 0
    assert one.length == pytest.approx(other.length)
    assert other.tree.rooting == "unrooted"


def test_neighbours_that_were_parted_come_together():
    # Two pairs far apart; the tree given has one of each in both cherries.
    rows = np.array([[0, 9, 2, 9], [9, 0, 9, 2], [2, 9, 0, 9], [9, 2, 9, 0]], dtype=float)
    wrong = newick.read("((0:1,1:1):1,(2:1,3:1):1);")
    found = polish(wrong, rows)
    assert robinson_foulds(found.tree, newick.read("((0:1,2:1):7,(1:1,3:1):0);")) == 0
    assert found.length == 1 + 1 + 1 + 1 + 7


def test_one_two_and_three_tips():
    one = polish(neighbour_joining(np.zeros((1, 1)), ["a"]), np.zeros((1, 1)))
    assert (one.tree.labels, one.length) == (("a",), 0)
    pair = np.array([[0, 3], [3, 0]], dtype=float)
    two = polish(neighbour_joining(pair, ["a", "a"]), pair)
    assert (two.tree.lengths.tolist(), two.length) == ([1.5, 1.5, 0], 3)
    three = np.array([[0, 3, 4], [3, 0, 5], [4, 5, 0]], dtype=float)
    found = polish(neighbour_joining(three, ["a", "b", "c"]), three)
    assert (found.tree.lengths.tolist(), found.length) == ([1, 2, 3, 0], 6)


def test_all_distances_zero_is_a_tree_of_no_length():
    found = polish(shape(7, 1), np.zeros((7, 7)))
    assert (found.tree.total_length, found.length) == (0, 0)


def test_lengths_below_zero_become_zero():
    rows = np.array([[0, 1, 1], [1, 0, 5], [1, 5, 0]], dtype=float)
    found = balanced(neighbour_joining(rows, list("abc")), rows)
    assert (found.tree.lengths.tolist(), found.length) == ([0, 2.5, 2.5, 0], 3.5)


@pytest.mark.parametrize("text", ["(0:1,1:1,2:1,3:1);", "((0:1,1:1,2:1):1,3:1,4:1);"])
def test_polytomies_are_refused(text):
    tree = newick.read(text)
    with pytest.raises(InputError) as caught:
        polish(tree, noisy(tree.n_tips, 1))
    assert caught.value.code == "not_binary"


def test_other_tips_than_the_tree_has_are_refused():
    with pytest.raises(InputError, match="5 tips"):
        polish(shape(5, 1), noisy(4, 1))
