"""Use case: a protocol's reference is frozen anew when its population has grown enough."""

import numpy as np
import numpy.typing as npt

from app.dna.population import Population, cohort_of
from app.dna.protocol import Protocol
from app.dna.reference import Reference, RunningMean, is_due
from app.services.declared_families import declared_families
from app.store import entries, protocols, references
from app.store.database import Database, Session, unhurried


def refresh_references(database: Database) -> list[tuple[str, int]]:
    """Freeze every reference that is due; return (protocol name, new version) of each.

    Called by workers and imports, never in a request. Safe to be killed or to run twice: a
    version is one row, and what was not written is due the next time.
    """
    with database.read() as session:
        known = protocols.every(session)
    frozen = ((protocol.name, _refresh(database, protocol)) for protocol in known)
    return [(name, version) for name, version in frozen if version]


def _refresh(database: Database, protocol: Protocol) -> int | None:
    with database.read() as session:
        unhurried(session)
        current = references.latest(session, protocol)
        if not is_due(current, entries.count(session, protocol.digest)):
            return None
        reference = _freeze(session, protocol)

    def write(session: Session) -> int | None:
        current = references.latest(session, protocol)
        if not is_due(current, reference.n_models):
            return None  # Another process was first.
        references.add(session, reference.numbered(current.version + 1))
        return current.version + 1

    return database.transact(write)


def _freeze(session: Session, protocol: Protocol) -> Reference:
    """The reference of all entries there are, reproducible from their numbers alone."""
    seqs = entries.seqs(session, protocol.digest)
    chosen = [seqs[index] for index in cohort_of(len(seqs))]
    running, cohort = RunningMean(protocol), dict.fromkeys(chosen)
    kept: list[npt.NDArray[np.floating]] = []
    strands = entries.every_strand(session, protocol, seqs[-1])
    for seq, strand in zip(seqs, strands, strict=True):
        running.add(strand)
        if seq in cohort:
            kept.append(strand)
    families = declared_families(session, entries.by_seq(session, protocol.digest, chosen))
    mean = running.mean()
    null = Population(protocol, np.array(kept), mean, families).null
    return Reference(protocol.digest, 0, running.count, mean, tuple(chosen), tuple(families), null)
