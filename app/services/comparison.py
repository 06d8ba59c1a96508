"""Use case: two models side by side, under each protocol that they share."""

from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.scores import NAMES, score
from app.errors import NotFoundError
from app.records import EntryRecord, ModelRecord
from app.services.noise import Noise, noise_of
from app.store import entries, protocols, references
from app.store.database import Session


@dataclass(frozen=True)
class SharedScore:
    """The score of two models under one protocol; see `relatives.Ranking` on what it says.

    `noise` is that of either model, in the order in which they were named.
    """

    protocol: Protocol
    score_name: str
    reference_version: int
    score: float
    identical: bool
    noise: tuple[Noise | None, Noise | None]

    @property
    def is_within_noise(self) -> bool | None:
        """Whether a rerun of one of the two scores as low with it; None when none is known."""
        known = [noise for noise in self.noise if noise is not None]
        return any(noise.covers(self.score) for noise in known) if known else None


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
    first, second = (noise_of(session, protocol, entry, reference.mean) for entry in (a, b))
    return SharedScore(
        protocol=protocol,
        score_name=NAMES[protocol.response],
        reference_version=reference.version,
        score=float(value),
        identical=bool((strands[0] == strands[1]).all()),
        noise=(first, second),
    )
