"""The Hadamard projection."""

import hashlib

import numpy as np
import pytest
from scipy.linalg import hadamard as matrix

from app.dna.hadamard import _transform, hadamard


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_the_transform_is_hadamards(rng: np.random.Generator) -> None:
    values = rng.integers(-9, 9, (3, 16)).astype(np.float32)
    assert (_transform(values) == values @ matrix(16)).all()


def test_it_is_linear(rng: np.random.Generator) -> None:
    strands = rng.normal(size=(5, 40, 50)).astype(np.float32)
    whole = hadamard(strands, 64, 42).mean(axis=0)
    assert np.allclose(whole, hadamard(strands.mean(axis=0)[None], 64, 42)[0], atol=1e-5)


def test_it_keeps_inner_products_to_about_one_over_the_root_of_dim(
    rng: np.random.Generator,
) -> None:
    strands = rng.normal(size=(60, 100, 64)).astype(np.float32)
    strands /= np.linalg.norm(strands, axis=(1, 2), keepdims=True)
    dna = hadamard(strands, 1024, 42)
    flat = strands.reshape(60, -1)
    error = (dna @ dna.T - flat @ flat.T)[~np.eye(60, dtype=bool)]
    assert error.std() < 1.2 / np.sqrt(1024)
    assert abs(np.linalg.norm(dna, axis=1) - 1).max() < 0.15


def test_what_fits_is_left_as_it_is(rng: np.random.Generator) -> None:
    strands = rng.normal(size=(2, 100, 10)).astype(np.float32)
    assert (hadamard(strands, 1024, 42) == strands.reshape(2, -1)).all()


def test_golden_bytes() -> None:
    strand = (np.arange(6400, dtype=np.float32) % 17 - 8).reshape(1, 100, 64)
    dna = hadamard(strand, 1024, 42)
    assert (
        hashlib.sha256(dna.astype("<f4").tobytes()).hexdigest()
        == "f38bb9b15140c976bef69aa78fd25fecd7c4717f6a0e4918cd1d5db2d8055b6a"
    )


def test_another_seed_is_another_projection() -> None:
    strand = np.ones((1, 100, 64), dtype=np.float32)
    assert (hadamard(strand, 64, 1) != hadamard(strand, 64, 2)).any()
