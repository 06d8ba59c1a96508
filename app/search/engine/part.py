"""What a part of the index must do, and which of its rows a filter leaves."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from app.search.policy import WIDENING

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]
Found = tuple[I64, F32]


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some rows of a part: their places (m,), rising, and one bit for each of its n rows.

    Where only some lists are read, `widening` times as many as their share asks for.
    """

    rows: I64
    bits: npt.NDArray[np.uint8]
    widening: float = WIDENING


class Part(Protocol):
    """An immutable index of n unit vectors under rising numbers."""

    seqs: I64

    def search(self, query: F32, k: int, chosen: Chosen | None = None) -> Found:
        """Numbers and inner products of up to `k` nearest to a vector (d,), best first."""

    def vectors(self, rows: I64) -> F32:
        """The vectors in some places, (m, d), as the index keeps them."""

    @property
    def nbytes(self) -> int:
        """Bytes that it holds in memory."""

    def __len__(self) -> int: ...


def best(found: list[Found], k: int) -> Found:
    """The `k` best of answers that are best first; of equals those that were given first."""
    if len(found) == 1:
        seqs, products = found[0]
        return seqs[:k], products[:k]
    seqs = np.concatenate([numbers for numbers, _ in found])
    products = np.concatenate([values for _, values in found])
    order = np.argsort(-products, kind="stable")[:k]
    return seqs[order], products[order]


def gathered(part: Part, query: F32, k: int, chosen: Chosen) -> Found:
    """The exact answer among few rows: each is looked up and multiplied."""
    products = part.vectors(chosen.rows) @ query
    order = np.argsort(-products, kind="stable")[:k]
    return part.seqs[chosen.rows[order]], products[order]
