"""Use case: the models that are nearest to one model, under each protocol that they share."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.scores import NAMES, score
from app.records import EntryRecord, ModelRecord
from app.search.candidates import Candidates
from app.services.noise import Noise, noise_of
from app.store import entries, models, protocols, references
from app.store.database import Session

# The index proposes this many times the number asked for: projected DNA orders candidates a
# little differently than strands do.
OVERSAMPLING = 5
FEWEST_CANDIDATES = 50


@dataclass(frozen=True)
class Relative:
    """A candidate with its exact score; `copies` are other models of the same content."""

    model: ModelRecord
    copies: tuple[ModelRecord, ...]
    entry: EntryRecord
    score: float


@dataclass(frozen=True)
class Ranking:
    """The nearest models under one protocol, best first.

    There are no p-values yet, so nothing here is more than a ranking: every verdict is
    `inconclusive`. `reference_version` 0 says that the population is too small for a reference.
    `noise` is that of the model that was asked about, None when it was never repeated.
    """

    protocol: Protocol
    score_name: str
    reference_version: int
    population: int
    relatives: tuple[Relative, ...]
    noise: Noise | None


def find_relatives(
    session: Session,
    candidates: Candidates,
    model: ModelRecord,
    protocol: Protocol | None,
    k: int,
) -> list[Ranking]:
    """Rank the `k` nearest under one protocol, or under each that the model has an entry of.

    Raises NotFoundError `not_fingerprinted` when there is no entry to start from.
    """
    if protocol is None:
        own = entries.require_any(session, model)
    else:
        own = [entries.get(session, model, protocol)]
    return [_rank(session, candidates, entry, k) for entry in own]


def _rank(session: Session, candidates: Candidates, own: EntryRecord, k: int) -> Ranking:
    protocol = protocols.get(session, own.protocol_digest)
    wanted = max(k * OVERSAMPLING, FEWEST_CANDIDATES) + 1
    seqs = candidates.nearest(session, protocol, entries.dna(session, own), wanted)
    found = entries.by_seq(session, protocol.digest, [int(s) for s in seqs if s != own.seq])
    reference = references.latest(session, protocol)
    scores: Sequence[float] = []
    if found:
        strands = entries.strands(session, protocol, [own, *found])
        scores = score(protocol, strands[:1], strands[1:], reference.mean)[0].tolist()
    best = sorted(zip(scores, found, strict=True), key=lambda pair: (-pair[0], pair[1].seq))[:k]
    return Ranking(
        protocol=protocol,
        score_name=NAMES[protocol.response],
        reference_version=reference.version,
        population=entries.count(session, protocol.digest),
        relatives=_named(session, best),
        noise=noise_of(session, protocol, own, reference.mean),
    )


def _named(session: Session, scored: Sequence[tuple[float, EntryRecord]]) -> tuple[Relative, ...]:
    owners = models.by_digest(session, [entry.model_digest for _, entry in scored])
    relatives = []
    for value, entry in scored:
        first, *copies = owners[entry.model_digest]
        relatives.append(Relative(first, tuple(copies), entry, value))
    return tuple(relatives)
