"""Projection by a Gaussian matrix with columns of length 1, as the LLM DNA paper projects.

Johnson and Lindenstrauss, 1984; Wu et al., arXiv 2509.24496. The matrix is that of `llm-dna`
1.0.1, so that DNA made there and here can be compared.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]


def gaussian(rows: npt.NDArray[np.floating], dim: int, seed: int) -> F32:
    """Project (n, n_probes, width) or (n, length) to (n, dim), float32; also when length < dim."""
    flat = rows.reshape(len(rows), -1).astype(np.float32)
    return flat @ gaussian_matrix(flat.shape[1], dim, seed)


# 600 probes of 64 numbers make a matrix of 20 MB: few protocols of that kind share a process.
@lru_cache(maxsize=4)
def gaussian_matrix(length: int, dim: int, seed: int) -> F32:
    """The shared matrix (length, dim), float32, read-only; each column has length 1."""
    # The legacy generator: no other gives the numbers that the paper's package draws.
    drawn = np.random.RandomState(seed).randn(length, dim).astype(np.float32)
    matrix: F32 = drawn / np.linalg.norm(drawn, axis=0)
    matrix.setflags(write=False)
    return matrix
