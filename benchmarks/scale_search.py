"""The index alone: what it finds, how fast, against FAISS as it comes and against pgvector."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import faiss
import numpy as np
import psycopg
from numpy.typing import NDArray

from app.search.engine.lists import ListsIndex
from app.search.view import View
from benchmarks.figures import say

F32 = NDArray[np.float32]
Finder = Callable[[F32], Sequence[int]]

K = 10
PROPOSED = 51  # what a question for ten relatives asks the index for
ROWS = 100_000
BUILD_MEMORY = "2GB"
# pgvector's dial, up to its largest value: the first that finds enough is taken.
ENOUGH = 0.99
EF_SEARCH = (40, 100, 200, 400, 1000)


def exact(vectors: F32, queries: F32) -> NDArray[np.int64]:
    """Rows of the K nearest of unit vectors (n, d) to each query (m, d), (m, K)."""
    best = np.full((len(queries), K), -np.inf, dtype=np.float32)
    found = np.zeros((len(queries), K), dtype=np.int64)
    for start in range(0, len(vectors), ROWS):
        products = queries @ vectors[start : start + ROWS].T
        rows = np.broadcast_to(np.arange(start, start + products.shape[1]), products.shape)
        both = np.concatenate((best, products), axis=1)
        order = np.argsort(-both, axis=1)[:, :K]
        best = np.take_along_axis(both, order, axis=1)
        found = np.take_along_axis(np.concatenate((found, rows), axis=1), order, axis=1)
    return found


def recall(finder: Finder, queries: F32, truth: NDArray[np.int64]) -> float:
    """Share of the exact ten that are among what is found, by numbers that begin at 1."""
    hits = [
        len(set(finder(query)) & set((rows + 1).tolist()))
        for query, rows in zip(queries, truth, strict=True)
    ]
    return sum(hits) / truth.size


def microseconds(finder: Finder, queries: F32) -> float:
    """The median of single questions, one after the other."""
    took = []
    for query in queries:
        began = time.perf_counter()
        finder(query)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1e6


def ours(view: View) -> Finder:
    """The index as a request asks it, from a centred direction on."""

    def find(direction: F32) -> list[int]:
        found: list[int] = view.near(direction, PROPOSED).tolist()
        return found

    return find


def raw_faiss(view: View, vectors: F32) -> Finder:
    """FAISS as it comes, with as many lists: from a centred direction on."""
    [part] = view.parts
    d, lists = vectors.shape[1], part.lists if isinstance(part, ListsIndex) else 0
    index: Any = faiss.index_factory(
        d, f"IVF{lists},SQfp16" if lists else "Flat", faiss.METRIC_INNER_PRODUCT
    )
    faiss.omp_set_num_threads(1)
    rng = np.random.default_rng(1)
    index.train(vectors[rng.permutation(len(vectors))[: 64 * max(lists, 1)]])
    index.add(vectors)
    if isinstance(part, ListsIndex):
        index.nprobe = part.probed

    def find(direction: F32) -> list[int]:
        found: list[int] = index.search(direction[None], PROPOSED)[1][0].tolist()
        return found

    return find


class Pgvector:
    """pgvector's HNSW over the same vectors, in the same server."""

    def __init__(self, url: str, vectors: F32) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("CREATE EXTENSION vector")
        d = vectors.shape[1]
        self.connection.execute(f"CREATE TABLE peer (id integer, body vector({d}))")
        with self.connection.cursor().copy("COPY peer FROM STDIN") as copy:
            for number, vector in enumerate(vectors, 1):
                copy.write(f"{number}\t[{','.join(map(str, vector))}]\n")
        self.connection.execute(f"SET maintenance_work_mem = '{BUILD_MEMORY}'")
        began = time.monotonic()
        self.connection.execute("CREATE INDEX ON peer USING hnsw (body vector_ip_ops)")
        self.build_s = time.monotonic() - began

    def tuned(self, queries: F32, truth: NDArray[np.int64]) -> tuple[int, float]:
        """The least ef_search that finds ENOUGH of the ten, or the largest; what it finds."""
        for ef in EF_SEARCH:
            self.connection.execute(f"SET hnsw.ef_search = {ef}")
            found = recall(self.find, queries, truth)
            if found >= ENOUGH:
                break
        return ef, found

    def find(self, direction: F32) -> list[int]:
        """Numbers of the ten nearest."""
        text = "[" + ",".join(map(str, direction)) + "]"
        rows = self.connection.execute(
            "SELECT id FROM peer ORDER BY body <#> %s::vector LIMIT 10", (text,), prepare=True
        )
        return [number for (number,) in rows]


def has_pgvector(url: str) -> bool:
    """Whether the server has it; a word if not."""
    with psycopg.connect(url) as connection:
        query = "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
        there = connection.execute(query).fetchone() is not None
    if not there:
        say("left out: scale.search_vs_pgvector, since the server has no extension `vector`")
    return there
