"""Projection by a subsampled randomised Hadamard transform.

Ailon and Chazelle, STOC 2006; Tropp, arXiv 1011.1595. It keeps distances as a Gaussian matrix
does (error about 1/sqrt(dim)), but needs no matrix (26 MB for 6,400 x 1,024) and is the same
bytes everywhere, since it only adds and subtracts. A strand that already fits is left as it is:
a projection would only add noise.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from app.dna.lexical import mix64

F32 = npt.NDArray[np.float32]


def hadamard(strands: npt.NDArray[np.floating], dim: int, seed: int) -> F32:
    """Project (n, n_probes, width) or (n, length) to (n, min(length, dim)), float32.

    O(n m log m), where m is the length rounded up to a power of two.
    """
    flat = strands.reshape(len(strands), -1).astype(np.float32)
    length = flat.shape[1]
    if length <= dim:
        return flat
    signs, rows = _plan(length, dim, seed)
    padded = np.zeros((len(flat), 1 << (length - 1).bit_length()), dtype=np.float32)
    padded[:, :length] = flat * signs
    return _transform(padded)[:, rows] / np.float32(np.sqrt(dim))


@lru_cache(maxsize=8)
def _plan(length: int, dim: int, seed: int) -> tuple[F32, npt.NDArray[np.int64]]:
    """Random signs for each coordinate, and the `dim` rows of the transform that are kept."""
    padded = 1 << (length - 1).bit_length()
    base = mix64(np.array([seed], dtype=np.uint64))
    count = np.arange(padded, dtype=np.uint64)
    bits = mix64(np.add(base, count[:length])) >> np.uint64(63)
    keys = mix64(np.add(~base, count))
    rows = np.sort(np.argsort(keys, kind="stable")[:dim])
    return (1 - 2 * bits.astype(np.int64)).astype(np.float32), rows


def _transform(values: F32) -> F32:
    """The unnormalised Walsh-Hadamard transform of each row; the length is a power of two."""
    n, length = values.shape
    half = 1
    while half < length:
        pairs = values.reshape(n, -1, 2, half)
        values = np.stack((pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]), 2)
        half *= 2
    return values.reshape(n, length)
