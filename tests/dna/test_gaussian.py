"""The Gaussian projection."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.dna.gaussian import gaussian, gaussian_matrix


@given(st.integers(1, 300), st.integers(1, 130), st.integers(0, 2**32 - 1))
def test_columns_have_length_one(length: int, dim: int, seed: int) -> None:
    matrix = gaussian_matrix(length, dim, seed)
    assert matrix.shape == (length, dim)
    assert np.allclose(np.linalg.norm(matrix, axis=0), 1, atol=1e-5)


def test_it_is_linear() -> None:
    rows = np.random.default_rng(7).normal(size=(5, 40, 50)).astype(np.float32)
    whole = gaussian(rows, 64, 42).mean(axis=0)
    assert np.allclose(whole, gaussian(rows.mean(axis=0)[None], 64, 42)[0], atol=1e-5)


def test_zero_stays_zero() -> None:
    assert not gaussian(np.zeros((3, 8)), 128, 42).any()
