import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InputError
from app.phylo.checked import checked


def square(n, seed):
    rows = np.random.default_rng(seed).random((n, n))
    return np.triu(rows, 1) + np.triu(rows, 1).T


@given(st.integers(1, 150), st.integers(0, 99))
def test_what_is_symmetric_stays_as_it_is(n, seed):
    given_ = square(n, seed)
    assert np.array_equal(checked(given_, n), given_)
    assert np.array_equal(checked(np.asfortranarray(given_), n), given_)


def test_rounding_is_evened_out():
    rows = square(130, 1)
    crooked = rows + np.triu(np.full((130, 130), 1e-12))
    even = checked(crooked, 130)
    assert np.array_equal(even, even.T)
    assert not even.diagonal().any()
    np.testing.assert_allclose(even, rows, atol=1e-12)


def test_a_matrix_is_copied_unless_it_may_be_overwritten():
    rows = square(5, 1)
    assert not np.shares_memory(checked(rows, 5), rows)
    assert np.shares_memory(checked(rows, 5, overwrite=True), rows)


@pytest.mark.parametrize("form", [np.float32, np.int64])
def test_other_numbers_are_copied_even_then(form):
    rows = (square(5, 1) * 9).astype(form)
    assert checked(rows, 5, overwrite=True).dtype == np.float64


def test_a_matrix_that_cannot_be_written_is_copied():
    rows = square(5, 1)
    rows.flags.writeable = False
    assert not np.shares_memory(checked(rows, 5, overwrite=True), rows)


@pytest.mark.parametrize("place", [(0, 1), (3, 140), (140, 3), (149, 148), (7, 7)])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -1e-300, 0.5, 1e308])
def test_one_wrong_number_is_found_wherever_it_is(place, wrong):
    rows = square(150, 2)
    rows[place] = wrong
    with pytest.raises(InputError) as caught:
        checked(rows, 150)
    assert caught.value.code == "bad_distances"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (np.zeros((0, 0)), "at least one"),
        (np.zeros((3, 2)), "one column for each of 3"),
        (np.zeros(4), "one column for each of 4"),
        (np.array([[0, 1], [2, 0]]), "symmetric"),
        (np.array([[0, np.nan], [np.nan, 0]]), "finite"),
        (np.array([[0, -1], [-1, 0]]), "not negative"),
        (np.array([[0.5, 1], [1, 0]]), "zero to itself"),
        (np.array([[0, 1e308], [1e308, 0]]), "larger unit"),
        (np.array([[0, 1j], [1j, 0]]), "real numbers"),
        (np.array([["0", "1"], ["1", "0"]]), "real numbers"),
    ],
)
def test_each_fault_has_its_sentence(wrong, says):
    with pytest.raises(InputError, match=says):
        checked(wrong, len(wrong))
