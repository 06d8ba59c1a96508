import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.comparison import normalised_robinson_foulds, robinson_foulds
from app.phylo.large import Sizes, large_tree
from app.phylo.neighbour_joining import neighbour_joining
from app.phylo.paths import tip_distances
from tests.phylo.strategies import caterpillar, random_tree, seeded

SMALL = Sizes(first=40, region=16)


def grown(n, seed, width=128):
    """A random tree, and what a random walk along it leaves at its tips (n, width)."""
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    draw = np.random.default_rng(seed)
    values = np.zeros((tree.n_nodes, width))
    for node in range(tree.root - 1, -1, -1):
        step = draw.standard_normal(width) * math.sqrt(tree.lengths[node])
        values[node] = values[tree.parents[node]] + step
    return tree, values[:n]


def among(matrix):
    return lambda a, b: matrix[np.ix_(a, b)]


def apart(vectors):
    """Squared distances by coordinate: on average the path along the tree."""
    return lambda a, b: ((vectors[a, None] - vectors[None, b]) ** 2).mean(axis=2)


def additive_vectors(paths):
    """Vectors whose squared straight lines are the paths of a tree."""
    middle = np.eye(len(paths)) - 1 / len(paths)
    values, vectors = np.linalg.eigh(-middle @ paths @ middle / 2)
    return vectors * np.sqrt(np.maximum(values, 0))


@given(st.integers(0, 10_000), st.integers(41, 150))
@settings(deadline=None, max_examples=10)
def test_additive_distances_give_their_tree(seed, n):
    tree = random_tree(seeded(seed), [f"m{i}" for i in range(n)], True, False)
    paths = tip_distances(tree)
    found = large_tree(tree.labels, additive_vectors(paths), among(paths), seed, SMALL)
    assert found.labels == tree.labels
    assert robinson_foulds(found, tree) == 0
    np.testing.assert_allclose(tip_distances(found), paths, atol=1e-6)


def test_of_a_caterpillar_too():
    tree = caterpillar(400)
    paths = tip_distances(tree)
    found = large_tree(tree.labels, additive_vectors(paths), among(paths), 1, SMALL)
    assert robinson_foulds(found, tree) == 0


def test_noisy_distances_give_about_as_good_a_tree_as_all_together():
    tree, vectors = grown(400, 3)
    between = apart(vectors)
    everyone = np.arange(400)
    whole = neighbour_joining(between(everyone, everyone), tree.labels)
    found = large_tree(tree.labels, vectors, between, 1, Sizes(80, 60))
    at_once = normalised_robinson_foulds(whole, tree)
    assert normalised_robinson_foulds(found, tree) < at_once + 0.03
    assert found.total_length == pytest.approx(whole.total_length, rel=0.05)


def test_the_same_arguments_give_the_same_tree():
    tree, vectors = grown(150, 5)
    between = apart(vectors)
    one, same, other = (
        large_tree(tree.labels, vectors, between, seed, SMALL) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.parents, same.parents)
    np.testing.assert_array_equal(one.lengths, same.lengths)
    assert other.parents.tolist() != one.parents.tolist()


def test_few_rows_are_asked_for():
    tree, vectors = grown(600, 6, width=16)
    between, asked = apart(vectors), []

    def counted(a, b):
        asked.append(len(a) * len(b))
        return between(a, b)

    large_tree(tree.labels, vectors, counted, 1, Sizes(first=60, region=50))
    assert max(asked) < 600 * 600 / 2


def test_copies_stay_together():
    vectors = np.repeat(grown(50, 7)[1], 6, axis=0)
    labels = [f"m{i}" for i in range(300)]
    tree = large_tree(labels, vectors, apart(vectors), 1, SMALL)
    paths = tip_distances(tree)
    # Neighbour joining of all at once leaves 10 apart: noise can put another tip between copies.
    assert sum(paths[i, i - i % 6] > 0.02 for i in range(300)) <= 10


def test_all_alike_and_all_equally_far_have_a_tree():
    for distance in (0.0, 1.0):
        paths = distance * (1 - np.eye(100))
        vectors = np.ones((100, 4)) if distance == 0 else np.eye(100)
        tree = large_tree(["x"] * 100, vectors, among(paths), 1, SMALL)
        assert tree.n_tips == 100
        np.testing.assert_allclose(tip_distances(tree), paths, atol=1e-6)


def test_few_tips_are_joined_at_once():
    tree, vectors = grown(30, 8)
    between, everyone = apart(vectors), np.arange(30)
    found = large_tree(tree.labels, vectors, between, 1, SMALL)
    whole = neighbour_joining(between(everyone, everyone), tree.labels)
    assert robinson_foulds(found, whole) == 0
    assert large_tree(["x"], np.ones((1, 2)), between, 1).labels == ("x",)


@pytest.mark.parametrize(
    ("labels", "vectors", "sizes", "code"),
    [
        ([], np.ones((0, 2)), SMALL, "bad_vectors"),
        (["x"], np.ones((2, 2)), SMALL, "bad_vectors"),
        (["x"], np.ones(1), SMALL, "bad_vectors"),
        (["x", "y"], np.array([[1.0], [math.nan]]), SMALL, "bad_vectors"),
        (["x", "y"], np.ones((2, 2)), Sizes(1, 16), "bad_sizes"),
        (["x", "y"], np.ones((2, 2)), Sizes(16, 7), "bad_sizes"),
        (["x", "y"], np.ones((2, 2)), Sizes(16, 16, 1), "bad_sizes"),
    ],
)
def test_bad_input_is_refused(labels, vectors, sizes, code):
    with pytest.raises(InputError) as caught:
        large_tree(labels, vectors, apart(np.ones((2, 2))), 1, sizes)
    assert caught.value.code == code


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0])
def test_bad_distances_are_refused(wrong):
    vectors = np.eye(100)

    def between(a, b):
        return np.where((a[:, None] == 99) | (b == 99), wrong, 1.0) * (a[:, None] != b)

    with np.errstate(invalid="ignore"), pytest.raises(InputError) as caught:
        large_tree(["x"] * 100, vectors, between, 1, SMALL)
    assert caught.value.code == "bad_distances"
    with pytest.raises(InputError):
        large_tree(["x"] * 100, vectors, lambda a, b: np.ones(len(a)), 1, SMALL)
