"""An exact index: every vector is looked at."""

import faiss
import numpy as np

from app.search.engine.calls import selector, use_one_thread
from app.search.engine.part import F32, I64, Chosen, Found


class FlatIndex:
    """An exact, immutable index of n vectors of one size under their numbers, as float32."""

    def __init__(self, seqs: I64, vectors: F32) -> None:
        """Take numbers (n,), rising, and unit vectors (n, d)."""
        self.seqs = seqs
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    def search(self, query: F32, k: int, chosen: Chosen | None = None) -> Found:
        """Numbers and inner products of the up to `k` nearest to a vector (d,), best first."""
        limit = min(k, len(self.seqs) if chosen is None else len(chosen.rows))
        if not limit:
            return self.seqs[:0], np.empty(0, dtype=np.float32)
        use_one_thread()
        if chosen is None:
            products, rows = self._index.search(query[None], limit)
        else:
            asked, among = faiss.SearchParameters(), selector(chosen.bits)
            asked.sel = among
            products, rows = self._index.search(query[None], limit, params=asked)
        return self.seqs[rows[0]], products[0]

    def vectors(self, rows: I64) -> F32:
        """The vectors in some places, (m, d)."""
        every: F32 = faiss.rev_swig_ptr(self._index.get_xb(), len(self) * self._index.d)
        return every.reshape(len(self), -1)[rows]

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""
        return len(self) * (4 * self._index.d + self.seqs.itemsize)

    def __len__(self) -> int:
        return len(self.seqs)

    def merged(self, later: "FlatIndex") -> "FlatIndex":
        """A new index over both; `later` holds the higher numbers."""
        parts = (self, later)
        vectors = [part.vectors(np.arange(len(part))) for part in parts]
        return FlatIndex(np.concatenate([part.seqs for part in parts]), np.concatenate(vectors))
