"""Lists: what is found is what is there; exactly, where all lists are read."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search import policy
from app.search.engine.lists import ListsIndex
from app.search.engine.part import Chosen
from app.search.policy import Shape

D = 8
SEEDS = st.integers(0, 999)
Arrays = dict[str, npt.NDArray[Any]]


def unit(rng: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
    rows = rng.normal(size=(n, D)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def built(
    seed: int, n: int = 60, lists: int = 6, probed: int = 6
) -> tuple[ListsIndex, npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    vectors, seqs = unit(rng, n), np.sort(rng.choice(1000, size=n, replace=False))
    halves = [(seqs[part], vectors[part]) for part in (np.s_[: n // 2], np.s_[n // 2 :])]
    index = ListsIndex.built(Shape(n, lists, probed), vectors, halves)
    kept = index.vectors(np.arange(n))
    assert np.allclose(kept, vectors, atol=1e-3)
    return index, kept, seqs


def chosen(mask: npt.NDArray[np.bool_]) -> Chosen:
    return Chosen(np.flatnonzero(mask), np.packbits(mask, bitorder="little"))


@given(seed=SEEDS, k=st.integers(1, 70))
def test_all_lists_together_are_exact(seed: int, k: int) -> None:
    index, vectors, seqs = built(seed)
    query = unit(np.random.default_rng(seed + 1), 1)[0]
    found, products = index.search(query, k)
    expected = np.sort(vectors @ query)[::-1][:k]
    assert len(set(found.tolist())) == len(found) == min(k, len(seqs))
    assert np.allclose(products, expected, atol=1e-5)
    assert np.allclose(vectors[np.searchsorted(seqs, found)] @ query, products, atol=1e-5)


@given(seed=SEEDS, share=st.floats(0, 1), k=st.integers(1, 20), probed=st.integers(1, 6))
def test_a_filter_leaves_nothing_else_and_all_of_what_is_few(
    seed: int, share: float, k: int, probed: int
) -> None:
    index, vectors, seqs = built(seed, probed=probed)
    rng = np.random.default_rng(seed + 1)
    mask, query = rng.random(len(seqs)) < share, unit(rng, 1)[0]
    found, products = index.search(query, k, chosen(mask))
    assert set(found.tolist()) <= set(seqs[mask].tolist())
    assert len(set(found.tolist())) == len(found) == min(k, mask.sum())
    if mask.mean() <= policy.EVERYTHING:
        expected = np.sort(vectors[mask] @ query)[::-1][:k]
        assert np.allclose(products, expected, atol=1e-5)


@given(seed=SEEDS)
def test_what_is_kept_of_an_index_makes_the_same(seed: int) -> None:
    index, vectors, _ = built(seed, probed=2)
    again = ListsIndex.of_arrays(index.arrays(), probed=2)
    assert (len(again), again.nbytes, again.lists) == (len(index), index.nbytes, index.lists)
    rows = np.arange(len(index))
    assert np.array_equal(again.vectors(rows), vectors)
    for query in unit(np.random.default_rng(seed), 3):
        for one, other in zip(index.search(query, 9), again.search(query, 9), strict=True):
            assert np.array_equal(one, other)


def _shorter(arrays: Arrays) -> None:
    arrays["codes"] = arrays["codes"][1:]


def _twice(arrays: Arrays) -> None:
    arrays["rows"][0] = arrays["rows"][1]


def _beyond(arrays: Arrays) -> None:
    arrays["rows"][0] = len(arrays["rows"])


def _negative(arrays: Arrays) -> None:
    arrays["sizes"][:2] += (-1000, 1000)


def _too_many(arrays: Arrays) -> None:
    arrays["sizes"][0] += 1


@pytest.mark.parametrize("damage", [_shorter, _twice, _beyond, _negative, _too_many])
def test_arrays_that_disagree_are_refused(damage: Any) -> None:
    arrays = {name: array.copy() for name, array in built(3)[0].arrays().items()}
    damage(arrays)
    with pytest.raises(ValueError, match=r"lists that|different lengths"):
        ListsIndex.of_arrays(arrays, probed=1)


def test_there_are_no_more_lists_than_vectors_to_train_on() -> None:
    index, _, seqs = built(5, n=3, lists=64)
    assert index.lists == 3
    assert sorted(index.search(np.eye(D, dtype=np.float32)[0], 9)[0].tolist()) == seqs.tolist()
