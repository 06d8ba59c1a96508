"""Use case: two models side by side, under each protocol that they share."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.relations import Verdict
from app.errors import NotFoundError
from app.records import EntryRecord, ModelRecord
from app.services.combining import decisive
from app.services.judging import Judged, judge
from app.services.noise import Noise, noise_of
from app.store import entries, protocols
from app.store.database import Session


@dataclass(frozen=True)
class SharedScore:
    """Two models under one protocol; `noise` is that of either, in the order of their names."""

    protocol: Protocol
    reference_version: int
    judged: Judged
    noise: tuple[Noise | None, Noise | None]

    @property
    def is_within_noise(self) -> bool | None:
        """Whether a rerun of one of the two scores as low with it; None when none is known."""
        known = [noise for noise in self.noise if noise is not None]
        return any(noise.covers(self.judged.score) for noise in known) if known else None


@dataclass(frozen=True)
class Comparison:
    """What is said of two models: under each protocol, and by the one that decides."""

    shared: Sequence[SharedScore]
    decided_by: SharedScore

    @property
    def verdict(self) -> Verdict:
        """The word for the two models."""
        return self.decided_by.judged.verdict


def compare(session: Session, a: ModelRecord, b: ModelRecord) -> Comparison:
    """Compare two models under all protocols that both have an entry of.

    Raises NotFoundError `not_fingerprinted` or `no_shared_protocol`.
    """
    first = {entry.protocol_digest: entry for entry in entries.require_any(session, a)}
    second = {entry.protocol_digest: entry for entry in entries.require_any(session, b)}
    shared = [
        _shared(session, first[digest], second[digest]) for digest in first if digest in second
    ]
    if not shared:
        raise NotFoundError(
            "no_shared_protocol",
            f"{a.name} and {b.name} were never fingerprinted under the same protocol.",
        )
    chosen = decisive([one.protocol for one in shared])
    return Comparison(shared, next(one for one in shared if one.protocol is chosen))


def _shared(session: Session, a: EntryRecord, b: EntryRecord) -> SharedScore:
    protocol = protocols.get(session, a.protocol_digest)
    judgement = judge(session, protocol, a, [b], n_tests=1)
    first, second = (noise_of(session, judgement.population, entry) for entry in (a, b))
    return SharedScore(protocol, judgement.reference_version, judgement.pairs[0], (first, second))
