"""Use case: a protocol's reference is frozen anew when its population has grown enough."""

from app.dna.protocol import Protocol
from app.dna.reference import RunningMean, is_due
from app.store import entries, protocols, references
from app.store.database import Database, Session


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
        if not _due(session, protocol):
            return None
        mean = RunningMean(protocol)
        for strand in entries.every_strand(session, protocol):
            mean.add(strand)

    def write(session: Session) -> int | None:
        current = references.latest(session, protocol)
        reference = mean.freeze(protocol, current.version + 1)
        if not is_due(current, reference.n_models):
            return None  # Another process was first.
        references.add(session, reference)
        return reference.version

    return database.transact(write)


def _due(session: Session, protocol: Protocol) -> bool:
    current = references.latest(session, protocol)
    return is_due(current, entries.count(session, protocol.digest))
