"""An index of many vectors: sorted into lists by their nearest centroid, a few of which are read.

An inverted file (Jegou, Douze & Schmid 2011, "Product quantization for nearest neighbor search")
over vectors that are kept whole, as float16: of unit vectors that costs less than 0.1 % recall
and halves what a search must read.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from app.search.engine.calls import selector, use_one_thread
from app.search.engine.device import MOST_FOUND, copied
from app.search.engine.part import F32, I64, Chosen, Found, gathered
from app.search.policy import EVERYTHING, GATHERED, Shape

Arrays = Mapping[str, npt.NDArray[Any]]
HALF = 2  # bytes of a float16
# Lloyd's rounds: later ones move recall by less than 0.1 %.
ROUNDS = 10
# What is kept of a list and written to disk: its centroid, how many rows it has, which, and what.
NAMES = ("seqs", "centroids", "sizes", "rows", "codes")


class ListsIndex:
    """An immutable index of n vectors of size d in `lists` lists, under their numbers."""

    def __init__(self, seqs: I64, index: "faiss.IndexIVFScalarQuantizer", probed: int) -> None:
        """Take numbers (n,), rising, and an index whose ids are places in them."""
        self.seqs, self._index, self._probed = seqs, index, probed
        index.nprobe = probed
        index.make_direct_map()
        self._copy = copied(index)

    @classmethod
    def built(cls, shape: Shape, sample: F32, blocks: Iterable[tuple[I64, F32]]) -> "ListsIndex":
        """Train on a sample (m, d) of the unit vectors, then take them all, block by block.

        Numbers rise from block to block. O(lists (m ROUNDS + n) d) time, 2 d + 24 bytes a vector.
        """
        lists = min(shape.lists, len(sample))
        index = _empty(sample.shape[1], lists)
        index.cp.niter = ROUNDS
        index.cp.min_points_per_centroid = 1
        numbers = []
        use_one_thread()
        index.train(np.ascontiguousarray(sample))
        for seqs, vectors in blocks:
            index.add(np.ascontiguousarray(vectors))
            numbers.append(seqs)
        return cls(np.concatenate(numbers), index, shape.probed)

    @classmethod
    def of_arrays(cls, arrays: Arrays, probed: int) -> "ListsIndex":
        """What `arrays` gave, in the time that it takes to copy it; ValueError if they disagree.

        Whatever the arrays hold, no search reads outside of them.
        """
        seqs, centroids, sizes, rows, codes = (arrays[name] for name in NAMES)
        n, (lists, d) = len(seqs), centroids.shape
        if sizes.shape != (lists,) or rows.shape != (n,) or codes.shape != (n, d):
            raise ValueError("arrays of different lengths")
        if (sizes < 0).any() or sizes.sum() != n or not _is_permutation(rows):
            raise ValueError("lists that do not hold each row once")
        index = _empty(d, lists)
        index.quantizer.add(np.ascontiguousarray(centroids))
        index.is_trained = True
        inverted: Any = index.invlists
        ends = np.cumsum(sizes)
        for number, (end, size) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
            if size:
                ids = np.ascontiguousarray(rows[end - size : end], dtype=np.int64)
                held = np.ascontiguousarray(codes[end - size : end]).view(np.uint8)
                inverted.add_entries(
                    number, size, faiss.swig_ptr(ids), faiss.swig_ptr(held.reshape(-1))
                )
        index.ntotal = n
        return cls(np.array(seqs, dtype=np.int64), index, probed)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds, list after list: `rows` are places in `seqs`, `codes` float16."""
        inverted: Any = self._index.invlists
        d = self._index.d
        sizes = np.array([inverted.list_size(number) for number in range(self._index.nlist)])
        rows = np.empty(len(self), dtype=np.int32)
        codes = np.empty((len(self), d), dtype="<f2")
        ends = np.cumsum(sizes)
        for number, (end, size) in enumerate(zip(ends.tolist(), sizes.tolist(), strict=True)):
            if size:
                rows[end - size : end] = faiss.rev_swig_ptr(inverted.get_ids(number), size)
                held = faiss.rev_swig_ptr(inverted.get_codes(number), size * d * HALF)
                codes[end - size : end] = held.view("<f2").reshape(size, d)
        centroids = self._index.quantizer.reconstruct_n(0, self._index.nlist)
        return dict(zip(NAMES, (self.seqs, centroids, sizes, rows, codes), strict=True))

    def search(self, query: F32, k: int, chosen: Chosen | None = None) -> Found:
        """Numbers and inner products of up to `k` near a vector (d,), best first.

        Without a filter from the nearest lists. With one that leaves little, exactly: a filter
        often leaves a corner that is far from the query, where the nearest lists hold nothing.
        """
        if chosen is None and self._copy is not None and k <= MOST_FOUND:
            return self._numbered(*self._copy.search(query[None], k))
        if chosen is None:
            use_one_thread()
            return self._numbered(*self._index.search(query[None], k))
        share = len(chosen.rows) / len(self)
        if share <= GATHERED:
            return gathered(self, query, k, chosen)
        lists = self._index.nlist
        probed = lists if share <= EVERYTHING else int(self._probed * chosen.widening / share)
        found = self._search(query, k, min(probed, lists), chosen)
        if len(found[0]) < min(k, len(chosen.rows)) and probed < lists:
            found = self._search(query, k, lists, chosen)
        return found

    def _search(self, query: F32, k: int, probed: int, chosen: Chosen) -> Found:
        asked, among = faiss.SearchParametersIVF(), selector(chosen.bits)
        asked.nprobe, asked.sel = probed, among
        use_one_thread()
        return self._numbered(*self._index.search(query[None], k, params=asked))

    def _numbered(self, products: F32, rows: I64) -> Found:
        """What faiss found for one query: row -1 stands for nothing."""
        found, values = rows[0], products[0]
        if found[-1] < 0:
            found, values = found[found >= 0], values[found >= 0]
        return self.seqs[found], values

    def vectors(self, rows: I64) -> F32:
        """The vectors in some places, (m, d), as float16 holds them."""
        found: F32 = self._index.reconstruct_batch(rows)
        return found

    @property
    def lists(self) -> int:
        """How many lists there are."""
        return int(self._index.nlist)

    @property
    def probed(self) -> int:
        """How many of them a search without a filter reads."""
        return self._probed

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory: codes, ids, the way back from rows, numbers, centroids."""
        d, lists = self._index.d, self._index.nlist
        return len(self) * (HALF * d + 8 + 8 + self.seqs.itemsize) + 4 * lists * d

    def __len__(self) -> int:
        return len(self.seqs)


def _empty(d: int, lists: int) -> "faiss.IndexIVFScalarQuantizer":
    half, product = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    by_residual = False
    return faiss.IndexIVFScalarQuantizer(faiss.IndexFlatIP(d), d, lists, half, product, by_residual)


def _is_permutation(rows: npt.NDArray[Any]) -> bool:
    seen = np.zeros(len(rows), dtype=bool)
    inside = rows[(rows >= 0) & (rows < len(rows))]
    seen[inside] = True
    return len(inside) == len(rows) and bool(seen.all())
