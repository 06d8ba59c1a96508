import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from tests.phylo.strategies import random_tree, seeded, trees


def noisy(n, seed):
    """Distances of points in space: far from additive, no ties."""
    points = np.random.default_rng(seed).normal(size=(n, 5))
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


def names(n):
    return [f"m{i}" for i in range(n)]


@given(trees(max_tips=30, binary=True))
@settings(deadline=None, max_examples=50)
def test_every_additive_tree_is_returned(tree):
    joined = neighbour_joining(tip_distances(tree), tree.labels)
    assert robinson_foulds(tree, joined) == 0
    np.testing.assert_allclose(tip_distances(joined), tip_distances(tree), atol=1e-9)
    np.testing.assert_allclose(joined.total_length, tree.total_length, atol=1e-9)


@given(trees(max_tips=30))
@settings(deadline=None, max_examples=30)
def test_polytomies_and_zero_lengths_keep_their_distances(tree):
    joined = neighbour_joining(tip_distances(tree), tree.labels)
    np.testing.assert_allclose(tip_distances(joined), tip_distances(tree), atol=1e-9)


@given(st.integers(2, 25), st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_rows_does_not_matter(n, seed):
    distances = noisy(n, seed)
    order = np.random.default_rng(seed + 1).permutation(n)
    one = neighbour_joining(distances, names(n))
    two = neighbour_joining(distances[np.ix_(order, order)], [f"m{i}" for i in order])
    assert robinson_foulds(one, two) == 0
    np.testing.assert_allclose(
        tip_distances(two), tip_distances(one)[np.ix_(order, order)], atol=1e-9
    )


def tied(n, seed):
    """Distances of few values: most pairs tie, and no tree fits."""
    square = np.random.default_rng(seed).integers(1, 5, (n, n)).astype(float)
    return np.triu(square, 1) + np.triu(square, 1).T


def copied(n, seed):
    """Some rows stand several times: zero distances, and pairs that tie exactly."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, max(2, n // 2), n)
    return noisy(n, seed)[np.ix_(rows, rows)]


def additive(n, seed):
    return tip_distances(random_tree(seeded(seed), names(n), binary=True, support=False))


def unit(n, seed):
    """A tree whose branches are all of one length: additive, and its cherries tie."""
    tree = random_tree(seeded(seed), names(n), binary=True, support=False)
    return tip_distances(replace(tree, lengths=np.sign(tree.lengths)))


def thirds(n, seed):
    """The same lengths in a unit that halves do not divide: ties are a matter of rounding."""
    return unit(n, seed) / 3


KINDS = (noisy, tied, copied, additive, unit, thirds)


def assert_same_as_scikit_bio(oracle, distances):
    n = len(distances)
    *joins, last = oracle.ask("joins", distances=distances.tolist())
    parents, lengths = [-1] * (2 * n - 2), [0.0] * (2 * n - 2)
    for node, (a, b, to_a, to_b) in enumerate(joins, start=n):
        parents[int(a)] = parents[int(b)] = node
        lengths[int(a)], lengths[int(b)] = max(to_a, 0.0), max(to_b, 0.0)
    parents[int(last[0])], lengths[int(last[0])] = 2 * n - 3, max(last[2], 0.0)
    ours = neighbour_joining(distances, names(n))
    assert ours.parents.tolist() == parents
    assert ours.lengths.tolist() == lengths


@given(st.sampled_from(KINDS), st.integers(3, 60), st.integers(0, 10**6))
@settings(deadline=None, max_examples=100)
def test_scikit_bio_joins_the_same_pairs_to_the_last_bit(oracle, kind, n, seed):
    assert_same_as_scikit_bio(oracle, kind(n, seed))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_scikit_bio_joins_the_same_pairs_among_many(oracle, kind):
    assert_same_as_scikit_bio(oracle, kind(300, 1))


@pytest.mark.parametrize("n", [3, 4, 60])
def test_scikit_bio_draws_the_same_tree(oracle, n):
    distances = noisy(n, n)
    judged = oracle.ask("join", distances=distances.tolist())
    order = [int(name) for name in judged["names"]]
    ours = tip_distances(neighbour_joining(distances, names(n)))
    np.testing.assert_allclose(judged["paths"], ours[np.ix_(order, order)], atol=1e-9)


def test_scikit_bio_agrees_on_distances_that_are_no_metric(oracle):
    square = np.random.default_rng(3).exponential(size=(80, 80)) ** 4
    assert_same_as_scikit_bio(oracle, np.triu(square, 1) + np.triu(square, 1).T)


def test_the_textbook_example():
    # Saitou and Nei's method on the five taxa of Wikipedia, "Neighbor joining" (2024).
    rows = [[0, 5, 9, 9, 8], [5, 0, 10, 10, 9], [9, 10, 0, 8, 7], [9, 10, 8, 0, 3], [8, 9, 7, 3, 0]]
    tree = neighbour_joining(np.array(rows, dtype=float), list("abcde"))
    assert tree.lengths[:5].tolist() == [2, 3, 4, 2, 1]
    assert sorted(tree.lengths[5:].tolist()) == [0, 2, 3]
    assert tree.rooting == "unrooted"


def test_lengths_below_zero_become_zero():
    # The triangle inequality fails: b would hang from a by (1 + 1 - 5) / 2.
    tree = neighbour_joining(np.array([[0, 1, 1], [1, 0, 5], [1, 5, 0]], dtype=float), list("abc"))
    assert tree.lengths[:3].tolist() == [0, 2.5, 2.5]


def test_one_and_two_tips():
    one = neighbour_joining(np.zeros((1, 1)), ["a"])
    assert (one.n_nodes, one.labels) == (1, ("a",))
    two = neighbour_joining(np.array([[0, 3], [3, 0]], dtype=float), ["a", "a"])
    assert two.lengths.tolist() == [1.5, 1.5, 0]
    assert two.labels == ("a", "a")


def test_all_distances_zero_is_a_tree_of_no_length():
    assert neighbour_joining(np.zeros((6, 6)), names(6)).total_length == 0


def test_what_was_given_is_not_changed():
    distances = noisy(8, 1)
    before = distances.copy()
    neighbour_joining(distances, names(8))
    assert np.array_equal(distances, before)


def test_a_matrix_that_may_be_used_up_gives_the_same_tree():
    distances = noisy(30, 1)
    one = neighbour_joining(distances, names(30))
    two = neighbour_joining(distances, names(30), overwrite=True)
    assert np.array_equal(one.parents, two.parents)
    assert np.array_equal(one.lengths, two.lengths)
    assert not np.array_equal(distances, noisy(30, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((0, 0)),
        np.zeros((3, 2)),
        np.zeros(4),
        [[0, 1], [2, 0]],
        [[0, np.nan], [np.nan, 0]],
        [[0, np.inf], [np.inf, 0]],
        [[0, -1], [-1, 0]],
        [[0.5, 1], [1, 0]],
    ],
    ids=str,
)
def test_bad_distances_are_refused(wrong):
    with pytest.raises(InputError) as caught:
        neighbour_joining(np.array(wrong, dtype=float), names(len(wrong)))
    assert caught.value.code == "bad_distances"


def test_one_name_for_each_row():
    with pytest.raises(InputError, match="4 tips"):
        neighbour_joining(noisy(5, 0), names(4))


def test_joining_loads_neither_torch_nor_scikit_bio():
    program = (
        "import sys, numpy as np\n"
        "from app.phylo import comparison, distances, drawing, formats, rooting\n"
        "from app.phylo.neighbour_joining import neighbour_joining\n"
        "rooting.midpoint(neighbour_joining(1 - np.eye(5), list('abcde')))\n"
        "sys.exit(any(name in sys.modules for name in ('torch', 'skbio', 'pandas')))\n"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, check=False).returncode == 0
