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
from app.phylo.distances import Distances, Kind, Rows, join
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
        """Take both."""
        self.reference, self.population = reference, population
        self._measured: dict[Kind, Measured] = {}
        self._seen: _Kept[Seen] = _Kept(_most(population.protocol))

    def measured(self, kind: Kind) -> "Measured":
        """One kind of distance; InputError `bad_distance` where the population has none such."""
        if kind not in self._measured:
            made = Measured(self.reference, Distances(self.population, kind))
            return self._measured.setdefault(kind, made)
        return self._measured[kind]

    def seen(self, session: Session, found: Sequence[EntryRecord]) -> Seen:
        """Entries, ready for verdicts."""

        def make(new: Sequence[EntryRecord]) -> list[Seen]:
            strands = entries.strands(session, self.population.protocol, new)
            return self.population.seen(strands, members(self.reference, new)).split()

        return joined(self._seen.of(found, make))


class Measured:
    """One kind of distance between entries, as a population sees them; thread-safe."""

    def __init__(self, reference: Reference, distances: Distances) -> None:
        """Take distances, which cost as much as a tree to prepare, and their reference."""
        self.distances = distances
        self._reference = reference
        self._rows: _Kept[Rows] = _Kept(_most(distances.protocol))

    def rows(self, session: Session, found: Sequence[EntryRecord]) -> Rows:
        """Entries, ready to be compared."""

        def make(new: Sequence[EntryRecord]) -> list[Rows]:
            strands = entries.strands(session, self.distances.protocol, new)
            rows = self.distances.rows(strands, members(self._reference, new))
            return [rows[place] for place in range(len(rows))]

        return join(self._rows.of(found, make))


def _most(protocol: Protocol) -> int:
    """So many entries have strands of MOST_BYTES."""
    n_probes, width = protocol.shape
    return MOST_BYTES // (n_probes * width * np.dtype(protocol.dtype).itemsize)


class _Kept(Generic[T]):
    """What was made of entries, by id: numbers are those of one database.

    The ones asked for the longest ago go first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()

    def of(
        self, found: Sequence[EntryRecord], make: Callable[[Sequence[EntryRecord]], Sequence[T]]
    ) -> list[T]:
        with self._lock:
            known = {entry.id: self._made[entry.id] for entry in found if entry.id in self._made}
        new = [entry for entry in found if entry.id not in known]
        if new:
            known |= zip((entry.id for entry in new), make(new), strict=True)
        with self._lock:
            for entry in found[-self._most :]:
                self._made[entry.id] = known[entry.id]
                self._made.move_to_end(entry.id)
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return [known[entry.id] for entry in found]
