"""Which entries a search may propose."""

from weakref import WeakKeyDictionary

import numpy as np

from app.search.engine.part import I64, Chosen, Part


class Among:
    """Some entries of one protocol by their numbers, (m,), rising; what passed a filter.

    Which rows of an index they are is found once for each index. It may be asked by several
    threads at once: at worst two of them find the same.
    """

    def __init__(self, seqs: I64) -> None:
        self.seqs = seqs
        self._chosen: WeakKeyDictionary[Part, Chosen] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self.seqs)

    def __contains__(self, seq: int) -> bool:
        place = int(np.searchsorted(self.seqs, seq))
        return place < len(self.seqs) and bool(self.seqs[place] == seq)

    def of(self, part: Part) -> Chosen:
        """The rows of a part that are among them: O(m log n) the first time."""
        chosen = self._chosen.get(part)
        if chosen is None:
            chosen = self._chosen[part] = self._found(part.seqs)
        return chosen

    def _found(self, numbers: I64) -> Chosen:
        # Those of a small part are few, however many there are in all.
        first, last = np.searchsorted(self.seqs, (numbers[0], numbers[-1] + 1))
        mine = self.seqs[first:last]
        rows = np.searchsorted(numbers, mine)
        rows = rows[numbers[rows] == mine]
        mask = np.zeros(len(numbers), dtype=bool)
        mask[rows] = True
        return Chosen(rows, np.packbits(mask, bitorder="little"))
