"""What the tree of some entries is grown from, each part made when it is first asked for."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.dna.population import Seen, joined
from app.dna.protocol import Protocol
from app.phylo.distances import Distances, Kind, Rows, fitting_kind
from app.records import EntryRecord
from app.services.populations import current, numbered
from app.services.trees.kept_pairs import KeptPairs
from app.services.trees.views import view_of
from app.store import entries
from app.store.database import Session

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Material:
    """Entries of one protocol, and their distances as a reference of it sees them."""

    def __init__(
        self,
        session: Session,
        protocol: Protocol,
        found: Sequence[EntryRecord],
        version: int | None = None,
        distance: Kind | None = None,
    ) -> None:
        """Take entries, and the version of the reference if not the newest.

        Raises InputError `bad_distance` for a kind of distance that they do not have.
        """
        self._session = session
        self.protocol = protocol
        self.entries = tuple(found)
        self.reference, self._population = (
            current(session, protocol) if version is None else numbered(session, protocol, version)
        )
        self._distance = fitting_kind(self._population, distance)
        self._view = view_of(self.reference, self._population)

    @property
    def distances(self) -> Distances:
        """Distances as the reference's population sees them."""
        return self._view.measured(self._distance).distances

    @cached_property
    def rows(self) -> Rows:
        """The entries, ready to be compared."""
        return self._view.measured(self._distance).rows(self._session, self.entries)

    @cached_property
    def seen(self) -> Seen:
        """The entries, ready for p-values."""
        return self._view.seen(self._session, self.entries)

    def gather(self) -> Rows:
        """Read all that the database has to say, so that the session may end; return the rows."""
        if self._population.null is not None:
            _ = self.seen
        return self.rows

    @property
    def seqs(self) -> list[int]:
        """The numbers of the entries."""
        return [entry.seq for entry in self.entries]

    def matrix(self, kept: KeptPairs) -> F64:
        """Distances of all pairs, (n, n)."""

        def block(new: I64) -> F64:
            return self.distances.between(self.rows[new], self.rows)

        return kept.among(f"{self._distance} {self._kind}", self.seqs, block)

    def p_values(self, kept: KeptPairs) -> F64 | None:
        """How often unrelated models stand as high as each pair, (n, n); None without a null."""
        if self._population.null is None:
            return None

        def block(new: I64) -> F64:
            one_by_one = self.seen.split()
            some = joined([one_by_one[place] for place in new])
            return self._population.compare(some, self.seen).p_value

        return kept.among(f"p-values {self._kind}", self.seqs, block)

    def chosen(self, places: Sequence[int]) -> "Material":
        """Some of the entries, by their places here."""
        return self._of([self.entries[place] for place in places], self._distance)

    def by(self, distance: Kind | None) -> "Material":
        """The same entries by another kind of distance, or as they are; see `Distances`.

        Raises InputError `bad_distance`.
        """
        return self if distance is None else self._of(self.entries, distance)

    def _of(self, found: Sequence[EntryRecord], distance: Kind) -> "Material":
        return Material(self._session, self.protocol, found, self.reference.version, distance)

    @property
    def _kind(self) -> str:
        return f"{self.protocol.digest} {self.reference.version}"


def every(session: Session, protocol: Protocol) -> Material:
    """All entries of a protocol."""
    return Material(session, protocol, entries.oldest(session, protocol))
