"""Where indexes are searched. No GPU is needed: in its place stands a copy on the CPU, which
takes what faiss says that a GPU's index takes: one search at a time, and no filter.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import faiss
import numpy as np
import pytest

from app.errors import SetupError
from app.search.engine import device
from app.search.engine.device import MOST_FOUND, choose
from tests.search.engine.test_lists import built, chosen, unit


class OnGpu:
    """An index that faiss would have on a GPU."""

    def __init__(self, index: Any) -> None:
        self._index, self.asked, self._busy = faiss.clone_index(index), 0, False

    def search(self, query: Any, k: int) -> Any:
        assert not self._busy, "one thread at a time"
        assert k <= MOST_FOUND
        self._busy = True
        found = self._index.search(query, k)
        self._busy, self.asked = False, self.asked + 1
        return found


class Resources:
    def setTempMemory(self, size: int) -> None:  # noqa: N802  faiss's name
        assert size > 0

    def setPinnedMemory(self, size: int) -> None:  # noqa: N802  faiss's name
        assert size == 0


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[OnGpu]]:
    """The copies that were made, on a machine with a GPU."""
    made: list[OnGpu] = []

    def copy(_resources: Resources, number: int, index: Any) -> OnGpu:
        assert number == 0
        made.append(OnGpu(index))
        return made[-1]

    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(faiss, "StandardGpuResources", Resources, raising=False)
    monkeypatch.setattr(faiss, "index_cpu_to_gpu", copy, raising=False)
    yield made
    choose("cpu")


def test_without_a_gpu_it_is_the_cpu_unless_a_gpu_was_asked_for() -> None:
    assert [choose("cpu"), choose("auto")] == ["cpu", "cpu"]
    with pytest.raises(SetupError, match=r"no_gpu.*genebank\[gpu\]"):
        choose("gpu")


def test_a_gpu_finds_the_same_and_filters_stay_on_the_cpu(copies: list[OnGpu]) -> None:
    expected, _, seqs = built(1)
    assert choose("auto") == "gpu"
    index, _, _ = built(1)
    queries = unit(np.random.default_rng(2), 200)
    mask = np.arange(len(seqs)) % 2 == 0

    def ask(query: Any) -> None:
        for k, among in ((5, None), (100, None), (5, chosen(mask))):
            found = index.search(query, k, among)
            assert found[0].tolist() == expected.search(query, k, among)[0].tolist()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, queries))
    assert [copy.asked for copy in copies] == [2 * len(queries)]
    index.search(queries[0], MOST_FOUND + 1)
    assert [copy.asked for copy in copies] == [2 * len(queries)], "too many for a GPU"


def test_an_index_that_does_not_fit_is_searched_on_the_cpu(
    copies: list[OnGpu], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> OnGpu:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(faiss, "index_cpu_to_gpu", full)
    assert choose("gpu") == "gpu"
    index, vectors, seqs = built(3)
    assert index.search(vectors[7], 1)[0].tolist() == [seqs[7]]
    assert device.copied(None) is None
    assert copies == []
