import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo import neighbour_joining as module
from app.phylo.comparison import robinson_foulds
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from tests.phylo.strategies import trees


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


@pytest.mark.parametrize(("n", "seed"), [(3, 0), (4, 1), (5, 2), (13, 3), (60, 4), (200, 5)])
def test_scikit_bio_agrees(oracle, n, seed):
    distances = noisy(n, seed)
    judged = oracle.ask("join", distances=distances.tolist())
    order = [int(name) for name in judged["names"]]
    ours = tip_distances(neighbour_joining(distances, names(n)))
    np.testing.assert_allclose(judged["paths"], ours[np.ix_(order, order)], atol=1e-9)


def test_many_blocks_find_the_same_pairs_as_one(monkeypatch):
    distances = noisy(50, 7)
    whole = neighbour_joining(distances, names(50))
    monkeypatch.setattr(module, "BLOCK", 7)
    assert np.array_equal(neighbour_joining(distances, names(50)).parents, whole.parents)


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
        "sys.exit(any(name in sys.modules for name in ('torch', 'skbio', 'scipy', 'pandas')))\n"
    )
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, check=False).returncode == 0
