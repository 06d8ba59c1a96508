"""Use case: the models that are nearest to one model, and which of them are its relatives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.relations import VERDICTS
from app.records import EntryRecord, ModelRecord
from app.search.candidates import Candidates
from app.services.combining import decisive
from app.services.judging import Judged, judge
from app.services.noise import Noise, noise_of
from app.store import entries, models, protocols
from app.store.database import Session

# The index proposes this many times the number asked for: projected DNA orders candidates a
# little differently than strands do.
OVERSAMPLING = 5
FEWEST_CANDIDATES = 50


@dataclass(frozen=True)
class Relative:
    """A candidate under one protocol; `copies` are other models of the same content."""

    model: ModelRecord
    copies: tuple[ModelRecord, ...]
    entry: EntryRecord
    protocol: Protocol
    judged: Judged


@dataclass(frozen=True)
class Ranking:
    """The nearest models under one protocol, best first.

    `reference_version` 0 says that the population is too small for a reference. `noise` is that
    of the model that was asked about, None when it was never repeated.
    """

    protocol: Protocol
    reference_version: int
    population: int
    relatives: tuple[Relative, ...]
    noise: Noise | None


@dataclass(frozen=True)
class Relatives:
    """A ranking under each protocol, and one of all candidates by the protocol that decides.

    `combined` holds each candidate once, under the best witness that it shares with the model:
    relatives first, by the word for them, then the rest, each from the least p-value on.
    """

    rankings: tuple[Ranking, ...]
    combined: tuple[Relative, ...]


def find_relatives(
    session: Session,
    candidates: Candidates,
    model: ModelRecord,
    protocol: Protocol | None,
    k: int,
) -> Relatives:
    """Rank the `k` nearest under one protocol, or under each that the model has an entry of.

    Raises NotFoundError `not_fingerprinted` when there is no entry to start from.
    """
    if protocol is None:
        own = entries.require_any(session, model)
    else:
        own = [entries.get(session, model, protocol)]
    used = {entry.protocol_digest: protocols.get(session, entry.protocol_digest) for entry in own}
    proposed = {
        found.model_digest
        for entry in own
        for found in _proposed(session, candidates, used[entry.protocol_digest], entry, k)
    }
    owners = models.by_digest(session, proposed)
    rankings = [_rank(session, used[entry.protocol_digest], entry, owners) for entry in own]
    combined = _combined([relative for ranking in rankings for relative in ranking.relatives])
    return Relatives(tuple(_first(k, ranking) for ranking in rankings), combined[:k])


def _proposed(
    session: Session, candidates: Candidates, protocol: Protocol, own: EntryRecord, k: int
) -> list[EntryRecord]:
    wanted = max(k * OVERSAMPLING, FEWEST_CANDIDATES) + 1
    seqs = candidates.nearest(session, protocol, entries.dna(session, own), wanted)
    return entries.by_seq(session, protocol.digest, [int(s) for s in seqs if s != own.seq])


def _rank(
    session: Session,
    protocol: Protocol,
    own: EntryRecord,
    owners: Mapping[str, Sequence[ModelRecord]],
) -> Ranking:
    found = entries.of_digests(session, protocol.digest, owners)
    population = entries.count(session, protocol.digest)
    judgement = judge(session, protocol, own, found, n_tests=population - 1)
    relatives = []
    for entry, judged in zip(found, judgement.pairs, strict=True):
        first, *copies = owners[entry.model_digest]
        relatives.append(Relative(first, tuple(copies), entry, protocol, judged))
    relatives.sort(key=_nearness)
    noise = noise_of(session, judgement.population, own)
    return Ranking(protocol, judgement.reference_version, population, tuple(relatives), noise)


def _combined(relatives: Iterable[Relative]) -> tuple[Relative, ...]:
    shared: dict[str, list[Relative]] = {}
    for relative in relatives:
        shared.setdefault(relative.entry.model_digest, []).append(relative)
    chosen = []
    for several in shared.values():
        by = decisive([one.protocol for one in several])
        chosen.append(next(one for one in several if one.protocol is by))
    return tuple(sorted(chosen, key=_kinship))


def _first(k: int, ranking: Ranking) -> Ranking:
    return Ranking(
        ranking.protocol,
        ranking.reference_version,
        ranking.population,
        ranking.relatives[:k],
        ranking.noise,
    )


def _nearness(relative: Relative) -> tuple[float, float, int]:
    judged = relative.judged
    return -(judged.standing or 0.0), -judged.score, relative.entry.seq


def _kinship(relative: Relative) -> tuple[int, float, float, int]:
    judged = relative.judged
    grade = min(VERDICTS.index(judged.verdict), VERDICTS.index("unrelated"))
    p_value = 1.0 if judged.p_value is None else judged.p_value
    return grade, p_value, -judged.score, relative.entry.seq
