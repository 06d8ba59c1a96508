"""What a search sees: the indexes of one protocol at one moment, as one immutable value."""

from dataclasses import dataclass, replace

import numpy as np

from app.dna.scores import unit_rows
from app.search.among import NOTHING, Among, Withdrawn
from app.search.engine.flat import FlatIndex
from app.search.engine.part import F32, I64, Part, best
from app.search.policy import FLAT_MOST, TAIL_SHARE

NONE: I64 = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class View:
    """What readers see: indexes over DNA about one centre, of all entries up to `seen`.

    They hold those that were `withdrawn` as well, which no search finds.
    """

    version: int
    centre: F32
    main: Part | None = None
    tail: tuple[FlatIndex, ...] = ()
    seen: int = 0
    withdrawn: Withdrawn = NOTHING

    @property
    def parts(self) -> tuple[Part, ...]:
        """All indexes, of older entries first."""
        return self.tail if self.main is None else (self.main, *self.tail)

    @property
    def held(self) -> int:
        """Entries that its indexes hold."""
        return sum(map(len, self.parts))

    @property
    def size(self) -> int:
        """Entries that a search may find."""
        return self.held - self.withdrawn.up_to(self.seen)

    @property
    def nbytes(self) -> int:
        """Bytes that its indexes hold."""
        return sum(part.nbytes for part in self.parts)

    @property
    def tail_size(self) -> int:
        """Entries that lie beside the main index."""
        return sum(map(len, self.tail))

    @property
    def most_tail(self) -> int:
        """How many entries may lie beside the main index before a new one is due."""
        return max(FLAT_MOST, int(TAIL_SHARE * (0 if self.main is None else len(self.main))))

    def nearest(self, dna: F32, k: int, among: Among | None = None) -> I64:
        """Numbers of the up to `k` entries whose centred DNA is nearest to `dna`, best first.

        Only of those `among`, if given, none of which may be withdrawn.
        """
        return self.near(unit_rows(dna[None] - self.centre)[0], k, among)

    def near(self, query: F32, k: int, among: Among | None = None) -> I64:
        """The same for a direction, (d,), as `centred` gives it."""
        choice: Among | Withdrawn | None = among
        if among is None and len(self.withdrawn):
            choice = self.withdrawn
        if choice is None:
            found = [part.search(query, k) for part in self.parts]
        else:
            found = [part.search(query, k, choice.of(part)) for part in self.parts]
        return best(found, k)[0] if found else NONE

    def centred(self, seq: int) -> F32 | None:
        """The direction of an entry's centred DNA, (d,), if it is here; as the index keeps it."""
        for part in self.parts:
            row = int(np.searchsorted(part.seqs, seq))
            if row < len(part) and part.seqs[row] == seq:
                found: F32 = part.vectors(np.array([row]))[0]
                return found
        return None

    def extended(self, newer: FlatIndex) -> "View":
        """With newer entries; each entry is copied into a larger index about log2(n) times."""
        parts = [*self.tail, newer]
        while len(parts) > 1 and 2 * len(parts[-1]) > len(parts[-2]):
            later = parts.pop()
            parts.append(parts.pop().merged(later))
        return replace(self, tail=tuple(parts), seen=int(newer.seqs[-1]))
