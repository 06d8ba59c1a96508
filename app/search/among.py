"""Which entries a search may propose."""

from abc import ABC, abstractmethod
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from app.search.engine.part import I64, Chosen, Part
from app.search.policy import WIDENING, WITHDRAWN_WIDENING


class _Choice(ABC):
    """Numbers of entries of one protocol, (m,), rising, that choose rows of its indexes.

    Which rows of an index they choose is found once for each index. It may be asked by several
    threads at once: at worst two of them find the same.
    """

    _widening: float

    def __init__(self, seqs: I64) -> None:
        self.seqs = seqs
        self._chosen: WeakKeyDictionary[Part, Chosen] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self.seqs)

    def of(self, part: Part) -> Chosen:
        """The rows of a part that are chosen: O(m log n) the first time."""
        chosen = self._chosen.get(part)
        if chosen is None:
            bits = self._mask(_places(self.seqs, part.seqs), len(part))
            rows = np.flatnonzero(bits)
            chosen = Chosen(rows, np.packbits(bits, bitorder="little"), self._widening)
            self._chosen[part] = chosen
        return chosen

    @abstractmethod
    def _mask(self, places: I64, n: int) -> npt.NDArray[np.bool_]:
        """Which of n rows are chosen, (n,), by the places of those that have the numbers."""


class Among(_Choice):
    """Those entries and no others: what passed a filter."""

    _widening = WIDENING

    def __contains__(self, seq: int) -> bool:
        place = int(np.searchsorted(self.seqs, seq))
        return place < len(self.seqs) and bool(self.seqs[place] == seq)

    def _mask(self, places: I64, n: int) -> npt.NDArray[np.bool_]:
        mask = np.zeros(n, dtype=bool)
        mask[places] = True
        return mask


class Withdrawn(_Choice):
    """All entries but those, which were withdrawn when `word` was the word of withdrawals."""

    _widening = WITHDRAWN_WIDENING

    def __init__(self, seqs: I64, word: bytes) -> None:
        super().__init__(seqs)
        self.word = word

    def up_to(self, seq: int) -> int:
        """How many have a number up to this one."""
        return int(np.searchsorted(self.seqs, seq, side="right"))

    def _mask(self, places: I64, n: int) -> npt.NDArray[np.bool_]:
        mask = np.ones(n, dtype=bool)
        mask[places] = False
        return mask


NOTHING = Withdrawn(np.empty(0, dtype=np.int64), b"")


def _places(seqs: I64, numbers: I64) -> I64:
    """Where in `numbers` those of `seqs` stand that are there; both rise."""
    # Those of a small part are few, however many there are in all.
    first, last = np.searchsorted(seqs, (numbers[0], numbers[-1] + 1))
    mine = seqs[first:last]
    places = np.searchsorted(numbers, mine)
    found: I64 = places[numbers[places] == mine]
    return found
