"""Candidates for relatives: an index over centred DNA, kept as a cache of the database.

Per protocol there are a few immutable indexes, each at least twice as large as the next, swapped
as one value, so that readers never lock. New entries are found by the numbers that they get in
commit order without gaps: nothing that is committed can be passed over.
"""

import threading
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.dna.projection import project
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.dna.scores import unit_rows
from app.search.faiss_index import FlatIndex
from app.store import entries, references
from app.store.database import Session

F32 = npt.NDArray[np.float32]
I64 = npt.NDArray[np.int64]

# Rows that are read from the database at once; 16 MB of DNA.
BATCH = 4096


@dataclass(frozen=True, eq=False)
class _Snapshot:
    """What readers see: indexes over DNA centred by one version of the reference."""

    version: int
    centre: F32
    parts: tuple[FlatIndex, ...] = ()

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))

    @property
    def last_seq(self) -> int:
        return int(self.parts[-1].seqs[-1]) if self.parts else 0

    def extended(self, newer: FlatIndex) -> "_Snapshot":
        """With newer entries; each entry is copied into a larger index about log2(n) times."""
        parts = [*self.parts, newer]
        while len(parts) > 1 and 2 * len(parts[-1]) > len(parts[-2]):
            later = parts.pop()
            parts.append(parts.pop().merged(later))
        return replace(self, parts=tuple(parts))


class Candidates:
    """The indexes of all protocols in this process, each built when it is first asked."""

    def __init__(self) -> None:
        self._snapshots: dict[str, _Snapshot] = {}
        self._catching_up = threading.Lock()

    def nearest(self, session: Session, protocol: Protocol, dna: F32, k: int) -> I64:
        """Numbers of the up to `k` entries whose centred DNA is nearest to `dna`, best first."""
        snapshot = self._caught_up(session, protocol)
        query = unit_rows(dna[None] - snapshot.centre)[0]
        found = [part.search(query, k) for part in snapshot.parts]
        if not found:
            return np.empty(0, dtype=np.int64)
        seqs = np.concatenate([numbers for numbers, _ in found])
        products = np.concatenate([values for _, values in found])
        best = np.argsort(-products, kind="stable")[:k]
        return seqs[best]

    def sizes(self) -> dict[str, int]:
        """Number of entries in each index, by protocol digest."""
        return {digest: snapshot.size for digest, snapshot in self._snapshots.items()}

    def _caught_up(self, session: Session, protocol: Protocol) -> _Snapshot:
        """The snapshot with all that the session can see; one thread at a time brings it up."""
        with self._catching_up:
            snapshot = self._snapshots.get(protocol.digest)
            if snapshot is None or snapshot.version != references.latest_version(
                session, protocol.digest
            ):
                snapshot = _empty(protocol, references.latest(session, protocol))
            while True:
                seqs, dna = entries.dna_after(session, protocol.digest, snapshot.last_seq, BATCH)
                if not len(seqs):
                    break
                snapshot = snapshot.extended(FlatIndex(seqs, unit_rows(dna - snapshot.centre)))
            self._snapshots[protocol.digest] = snapshot
            return snapshot


def _empty(protocol: Protocol, reference: Reference) -> _Snapshot:
    centre = project(reference.mean[None], protocol)
    return _Snapshot(reference.version, centre[0])
