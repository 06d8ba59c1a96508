"""Use case: two models side by side, under each protocol that they share."""

from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.scores import NAMES, score
from app.errors import NotFoundError
from app.records import EntryRecord, ModelRecord
from app.store import entries, protocols, references
from app.store.database import Session


@dataclass(frozen=True)
class SharedScore:
    """The score of two models under one protocol; see `relatives.Ranking` on what it says."""

    protocol: Protocol
    score_name: str
    reference_version: int
    score: float
    identical: bool


def compare(session: Session, a: ModelRecord, b: ModelRecord) -> list[SharedScore]:
    """Score two models under all protocols that both have an entry of.

    Raises NotFoundError `not_fingerprinted` or `no_shared_protocol`.
    """
    first = {entry.protocol_digest: entry for entry in entries.require_any(session, a)}
    second = {entry.protocol_digest: entry for entry in entries.require_any(session, b)}
    shared = [digest for digest in first if digest in second]
    if not shared:
        raise NotFoundError(
            "no_shared_protocol",
            f"{a.name} and {b.name} were never fingerprinted under the same protocol.",
        )
    return [_score(session, first[digest], second[digest]) for digest in shared]


def _score(session: Session, a: EntryRecord, b: EntryRecord) -> SharedScore:
    protocol = protocols.get(session, a.protocol_digest)
    reference = references.latest(session, protocol)
    strands = entries.strands(session, protocol, [a, b])
    value = score(protocol, strands[:1], strands[1:], reference.mean)[0, 0]
    identical = bool((strands[0] == strands[1]).all())
    return SharedScore(
        protocol, NAMES[protocol.response], reference.version, float(value), identical
    )
