import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.search.engine.flat import FlatIndex


def unit(rng: np.random.Generator, n: int, d: int) -> np.ndarray:
    rows = rng.normal(size=(n, d)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(
    n=st.integers(1, 40),
    d=st.integers(1, 12),
    k=st.integers(1, 50),
    seed=st.integers(0, 99),
    cut=st.floats(0, 1),
)
def test_a_merged_index_answers_as_a_whole_one_and_exactly(
    n: int, d: int, k: int, seed: int, cut: float
) -> None:
    rng = np.random.default_rng(seed)
    vectors, query = unit(rng, n, d), unit(rng, 1, d)[0]
    seqs = np.sort(rng.choice(1000, size=n, replace=False)).astype(np.int64)
    whole = FlatIndex(seqs, vectors)
    middle = int(cut * n)
    halves = [FlatIndex(seqs[part], vectors[part]) for part in (np.s_[:middle], np.s_[middle:])]
    merged = halves[0].merged(halves[1]) if 0 < middle < n else whole
    products = vectors @ query
    for index in (whole, merged):
        assert len(index) == n
        assert index.seqs.tolist() == seqs.tolist()
        found, values = index.search(query, k)
        assert len(found) == len(set(found.tolist())) == min(k, n)
        assert np.allclose(values, np.sort(products)[::-1][:k], atol=1e-5)
        assert np.allclose(values, products[np.searchsorted(seqs, found)], atol=1e-5)
