"""Whether a label comes twice in a file of millions, in eight bytes a label."""

from array import array

import numpy as np


class Labels:
    """Remembers hashes of labels: equal ones may be of equal labels, and must be looked at."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(self, label: str) -> None:
        """Remember a label."""
        self._hashes.append(hash(label))

    def repeated(self) -> frozenset[int]:
        """The hashes that came more than once. O(n log n)."""
        hashes = np.sort(np.array(self._hashes, dtype=np.int64))
        return frozenset(hashes[1:][hashes[1:] == hashes[:-1]].tolist())
