"""How a reference sees entries: each is prepared once, and the last ones are kept.

Preparing costs milliseconds an entry, most of it reading the strand; comparing what is prepared
costs microseconds a pair. So the tree around a model that was met before comes at once.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np

from app.dna.population import Population, Seen, joined
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.phylo.distances import Distances, Rows, join
from app.records import EntryRecord
from app.services.populations import members
from app.store import entries
from app.store.database import Session

T = TypeVar("T")

# Bytes of strands whose views are kept, of each reference; what is made of them is two to eight
# times as much.
MOST_BYTES = 32 << 20
# References that were asked for lately.
MOST_VIEWS = 4

_views: OrderedDict[int, "View"] = OrderedDict()
_keeping = threading.Lock()


def view_of(reference: Reference, population: Population) -> "View":
    """The view of a population, the same one while it is in use."""
    with _keeping:
        # The view holds the population, so its address means no other one.
        view = _views.setdefault(id(population), View(reference, population))
        _views.move_to_end(id(population))
        while len(_views) > MOST_VIEWS:
            _views.popitem(last=False)
        return view


class View:
    """How the population of one reference sees entries of its protocol; thread-safe."""

    def __init__(self, reference: Reference, population: Population) -> None:
        """Take both; `distances` are as the population sees them."""
        self.reference, self.population = reference, population
        self._distances: Distances | None = None
        n_probes, width = population.protocol.shape
        most = MOST_BYTES // (n_probes * width * np.dtype(population.protocol.dtype).itemsize)
        self._rows: _Kept[Rows] = _Kept(most)
        self._seen: _Kept[Seen] = _Kept(most)

    @property
    def distances(self) -> Distances:
        """Distances as the population sees them; preparing them costs as much as a tree."""
        if self._distances is None:
            self._distances = Distances(self.population)
        return self._distances

    def rows(self, session: Session, found: Sequence[EntryRecord]) -> Rows:
        """Entries, ready for distances."""

        def make(new: Sequence[EntryRecord]) -> list[Rows]:
            strands = entries.strands(session, self._protocol, new)
            rows = self.distances.rows(strands, members(self.reference, new))
            return [rows[place] for place in range(len(rows))]

        return join(self._rows.of(found, make))

    def seen(self, session: Session, found: Sequence[EntryRecord]) -> Seen:
        """Entries, ready for verdicts."""

        def make(new: Sequence[EntryRecord]) -> list[Seen]:
            strands = entries.strands(session, self._protocol, new)
            return self.population.seen(strands, members(self.reference, new)).split()

        return joined(self._seen.of(found, make))

    @property
    def _protocol(self) -> Protocol:
        return self.population.protocol


class _Kept(Generic[T]):
    """What was made of entries, by number; the ones asked for the longest ago go first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[int, T] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self, found: Sequence[EntryRecord], make: Callable[[Sequence[EntryRecord]], Sequence[T]]
    ) -> list[T]:
        with self._lock:
            known = {entry.seq: self._made[entry.seq] for entry in found if entry.seq in self._made}
        new = [entry for entry in found if entry.seq not in known]
        if new:
            known |= zip((entry.seq for entry in new), make(new), strict=True)
        with self._lock:
            for entry in found[-self._most :]:
                self._made[entry.seq] = known[entry.seq]
                self._made.move_to_end(entry.seq)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return [known[entry.seq] for entry in found]
