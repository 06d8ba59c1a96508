import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.distances import KINDS, from_scores


def cosines(n, width, seed):
    vectors = np.random.default_rng(seed).normal(size=(n, width))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


@pytest.mark.parametrize("kind", KINDS)
@given(n=st.integers(1, 12), width=st.integers(1, 6), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_a_metric_on_cosines(kind, n, width, seed):
    distances = from_scores(cosines(n, width, seed), kind)
    assert distances.dtype == np.float64
    assert np.array_equal(distances, distances.T)
    assert not distances.diagonal().any()
    assert 0 <= distances.min() <= distances.max() <= 1
    detours = (distances[:, :, None] + distances[None]).min(axis=1)
    assert (distances <= detours + 1e-7).all()


def test_known_angles():
    scores = np.array([[1, 0.5, 0, -1], [0.5, 1, 1, 1], [0, 1, 1, 1], [-1, 1, 1, 1]])
    np.testing.assert_allclose(from_scores(scores)[0], [0, 1 / 3, 1 / 2, 1])
    np.testing.assert_allclose(from_scores(scores, "chord")[0], [0, 0.5, 0.5**0.5, 1])


def test_angles_add_up_along_an_arc():
    turn = np.array([0, 0.3, 1.0])
    distances = from_scores(np.cos(turn[:, None] - turn))
    assert distances[0, 1] + distances[1, 2] == pytest.approx(distances[0, 2])


def test_rounding_is_allowed_and_the_diagonal_is_not_read():
    scores = np.array([[7, 1 + 5e-7], [1 - 4e-7, 7]])
    assert not from_scores(scores).any()
    assert scores[0, 0] == 7


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((2, 3)), np.zeros(4), [[1, 1.1], [1.1, 1]], [[1, np.nan], [np.nan, 1]],
     [[1, 0.5], [0.6, 1]]],
    ids=str,
)  # fmt: skip
def test_bad_scores_are_refused(wrong):
    with pytest.raises(InputError) as caught:
        from_scores(np.array(wrong))
    assert caught.value.code == "bad_scores"


def test_an_unknown_kind_is_refused():
    with pytest.raises(InputError, match="angular"):
        from_scores(np.eye(2), "euclid")
