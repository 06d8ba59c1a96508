import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import robinson_foulds
from app.phylo.paths import depths, tip_distances
from app.phylo.splits import clade_masks
from app.phylo.upgma import upgma


def names(n):
    return [f"m{i}" for i in range(n)]


def noisy(n, seed):
    points = np.random.default_rng(seed).normal(size=(n, 5))
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))


@given(st.integers(1, 40), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_all_tips_are_as_far_from_the_root(n, seed):
    tree = upgma(noisy(n, seed), names(n))
    np.testing.assert_allclose(depths(tree)[:n], depths(tree)[0], atol=1e-12)
    assert tree.rooting == "upgma"


@given(st.integers(2, 40), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_ultrametric_distances_are_returned(n, seed):
    tree = upgma(noisy(n, seed), names(n))
    again = upgma(tip_distances(tree), names(n))
    np.testing.assert_allclose(tip_distances(again), tip_distances(tree), atol=1e-12)
    assert robinson_foulds(tree, again) == 0


@given(st.integers(2, 12), st.integers(0, 10**6))
@settings(deadline=None, max_examples=40)
def test_joins_stand_at_half_the_mean_distance_of_their_sides(n, seed):
    distances = noisy(n, seed)
    tree = upgma(distances, names(n))
    masks, depth = clade_masks(tree), depths(tree)
    for node, (one, other) in enumerate(tree.children()[n:], start=n):
        sides = [[tip for tip in range(n) if masks[side] >> tip & 1] for side in (one, other)]
        mean = distances[np.ix_(*sides)].mean()
        np.testing.assert_allclose(2 * (depth[0] - depth[node]), mean, atol=1e-12)


@pytest.mark.parametrize(("n", "seed"), [(3, 0), (20, 1), (150, 2)])
def test_scikit_bio_agrees(oracle, n, seed):
    distances = noisy(n, seed)
    judged = oracle.ask("upgma", distances=distances.tolist())
    order = [int(name) for name in judged["names"]]
    ours = tip_distances(upgma(distances, names(n)))
    np.testing.assert_allclose(judged["paths"], ours[np.ix_(order, order)], atol=1e-9)


def test_one_tip_two_tips_and_names_that_repeat():
    assert upgma(np.zeros((1, 1)), ["a"]).n_nodes == 1
    two = upgma(np.array([[0, 3], [3, 0]], dtype=float), ["a", "a"])
    assert (two.lengths.tolist(), two.labels) == ([1.5, 1.5, 0], ("a", "a"))


def test_all_distances_zero_is_a_tree_of_no_length():
    assert upgma(np.zeros((6, 6)), names(6)).total_length == 0


def test_bad_distances_are_refused():
    with pytest.raises(InputError, match="symmetric"):
        upgma(np.array([[0, 1], [2, 0]], dtype=float), names(2))
