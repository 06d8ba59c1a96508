"""Numbers of pairs of entries are computed once: a registry that grows pays for what is new."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
# Given the places of m entries among the n that are asked for, their numbers with all: (m, n).
Block = Callable[[I64], F64]

# Entries of one kind whose numbers are kept: 128 MB. Larger trees are grown by jobs.
MOST_KEPT = 4096
MOST_KINDS = 4


class KeptPairs:
    """Symmetric matrices of numbers, one for each kind that was asked for lately; thread-safe.

    A kind is what the numbers are, and by which reference. The diagonal is zero.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, _Matrix] = OrderedDict()
        self._lock = threading.Lock()

    def among(self, kind: str, seqs: Sequence[int], block: Block) -> F64:
        """Numbers of all pairs of entries, by the entries' numbers: (n, n).

        `block` is asked only for entries with a pair that is not known yet.
        """
        with self._lock:
            matrix = self._of(kind)
            found = matrix.look(seqs)
        unknown = _covering(np.isnan(found))
        if len(unknown):
            made = block(unknown)
            found[unknown] = made
            found[:, unknown] = made.T
            # Products of matrices are not symmetric to the last bit, where both are new.
            found = np.triu(found, 1)
            found += found.T
            with self._lock:
                matrix.keep(seqs, found)
        return found

    def _of(self, kind: str) -> "_Matrix":
        matrix = self._kept.setdefault(kind, _Matrix())
        self._kept.move_to_end(kind)
        while len(self._kept) > MOST_KINDS:
            self._kept.popitem(last=False)
        return matrix


def _covering(holes: npt.NDArray[np.bool_]) -> I64:
    """Few places, rising, whose rows and columns hold all holes (n, n), which are symmetric.

    What is quite new has most holes: to compare it fills those that the others have with it.
    """
    left = holes.sum(axis=1)
    chosen = []
    while left.any():
        place = int(left.argmax())
        chosen.append(place)
        left -= holes[place]
        left[place] = 0
        holes[place] = holes[:, place] = False
    return np.sort(np.array(chosen, dtype=np.int64))


class _Matrix:
    """Known numbers by place; NaN where a pair was never asked for."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._values: F64 = np.empty((0, 0))

    def look(self, seqs: Sequence[int]) -> F64:
        found = np.full((len(seqs), len(seqs)), np.nan)
        known = [index for index, seq in enumerate(seqs) if seq in self._places]
        places = [self._places[seqs[index]] for index in known]
        found[np.ix_(known, known)] = self._values[np.ix_(places, places)]
        np.fill_diagonal(found, 0.0)
        return found

    def keep(self, seqs: Sequence[int], found: F64) -> None:
        if len(seqs) > MOST_KEPT:
            return
        new = [seq for seq in seqs if seq not in self._places]
        if len(self._places) + len(new) > MOST_KEPT:
            self._places, self._values, new = {}, np.empty((0, 0)), list(seqs)
        self._grow(len(self._places) + len(new))
        self._places |= {seq: len(self._places) + place for place, seq in enumerate(new)}
        places = [self._places[seq] for seq in seqs]
        self._values[np.ix_(places, places)] = found

    def _grow(self, size: int) -> None:
        held = len(self._values)
        if size <= held:
            return
        # Twice as large as asked, so that entries that come one by one are not copied each time.
        larger = np.full((room := min(2 * size, MOST_KEPT), room), np.nan)
        larger[:held, :held] = self._values
        self._values = larger
