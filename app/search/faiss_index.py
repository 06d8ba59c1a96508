"""The only import of faiss: inner-product search over rows of length 1.

Searching while another thread adds crashes faiss, so an index is built whole and never changed.
"""

import faiss
import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# One query is too little work to share: two threads cost five times the processor time of one.
faiss.omp_set_num_threads(1)


class FlatIndex:
    """An exact, immutable index of n vectors of one size under their numbers."""

    def __init__(self, seqs: I64, vectors: F32) -> None:
        """Take numbers (n,) and unit vectors (n, d)."""
        self.seqs = seqs
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    def search(self, query: F32, k: int) -> tuple[I64, F32]:
        """Numbers and inner products of the up to `k` nearest to a vector (d,), best first."""
        products, rows = self._index.search(query[None], min(k, len(self.seqs)))
        return self.seqs[rows[0]], products[0]

    def __len__(self) -> int:
        return len(self.seqs)

    def merged(self, later: "FlatIndex") -> "FlatIndex":
        """A new index over both; `later` holds the higher numbers."""
        vectors = [part._index.reconstruct_n(0, len(part)) for part in (self, later)]  # noqa: SLF001
        return FlatIndex(np.concatenate((self.seqs, later.seqs)), np.concatenate(vectors))
