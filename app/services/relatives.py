"""Use case: the models that are nearest to one model, and which of them are its relatives."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.dna.protocol import Protocol
from app.dna.relations import VERDICTS
from app.records import EntryRecord, ModelRecord
from app.search.among import Among
from app.search.candidates import Candidates
from app.search.view import View
from app.services.combining import decisive
from app.services.filters import Filter, passing_entries
from app.services.judging import Judged, judge
from app.services.noise import Noise, noise_of
from app.store import entries, models, protocols
from app.store.database import Session

# The index proposes this many times the number asked for: projected DNA orders candidates a
# little differently than strands do.
OVERSAMPLING = 5
FEWEST_CANDIDATES = 50
EVERY = Filter()


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
    of the model that was asked about, None when it was never repeated. Of the `population` so
    many `passed` the filter; None when there was none.
    """

    protocol: Protocol
    reference_version: int
    population: int
    passed: int | None
    relatives: tuple[Relative, ...]
    noise: Noise | None


@dataclass(frozen=True)
class Relatives:
    """A ranking under each protocol, and one of all candidates by the protocol that decides.

    `copies` are other models of the very content of the one that was asked about.
    `combined` holds each candidate once, under the best witness that it shares with the model:
    relatives first, by the word for them, then the rest, each from the least p-value on.
    """

    copies: tuple[ModelRecord, ...]
    rankings: tuple[Ranking, ...]
    combined: tuple[Relative, ...]


def find_relatives(
    session: Session,
    candidates: Candidates,
    model: ModelRecord,
    protocol: Protocol | None,
    k: int,
    only: Filter = EVERY,
) -> Relatives:
    """Rank the `k` nearest under one protocol, or under each that the model has an entry of.

    Only of those that pass the filter. Raises NotFoundError `not_fingerprinted` when there is no
    entry to start from.
    """
    if protocol is None:
        own = entries.require_any(session, model)
    else:
        own = [entries.get(session, model, protocol)]
    searches = [_searched(session, candidates, entry, only) for entry in own]
    proposed = [_proposed(session, search, k) for search in searches]
    digests = {entry.model_digest for found in proposed for entry in found}
    owners = models.by_digest(session, {*digests, own[0].model_digest})
    copies = tuple(one for one in owners[own[0].model_digest] if one.id != model.id)
    rankings = [
        _rank(session, search, _considered(session, search, found, digests), owners)
        for search, found in zip(searches, proposed, strict=True)
    ]
    combined = _combined([relative for ranking in rankings for relative in ranking.relatives])
    return Relatives(copies, tuple(_first(k, ranking) for ranking in rankings), combined[:k])


@dataclass(frozen=True)
class _Search:
    """An entry whose relatives are looked for, and where: `among` is None without a filter."""

    own: EntryRecord
    protocol: Protocol
    view: View
    among: Among | None


def _searched(session: Session, candidates: Candidates, own: EntryRecord, only: Filter) -> _Search:
    protocol = protocols.get(session, own.protocol_digest)
    view = candidates.current(session, protocol)
    among = None if only.is_empty else passing_entries(session, protocol, only, view)
    return _Search(own, protocol, view, among)


def _proposed(session: Session, search: _Search, k: int) -> list[EntryRecord]:
    wanted = max(k * OVERSAMPLING, FEWEST_CANDIDATES) + 1
    direction = search.view.centred(search.own.seq)
    if direction is None:
        seqs = search.view.nearest(entries.dna(session, search.own), wanted, search.among)
    else:
        seqs = search.view.near(direction, wanted, search.among)
    others = [int(seq) for seq in seqs if seq != search.own.seq]
    return entries.by_seq(session, search.protocol.digest, others)


def _considered(
    session: Session, search: _Search, found: list[EntryRecord], digests: Collection[str]
) -> list[EntryRecord]:
    """What is judged under one protocol: what it proposed, and what others did, if it passes."""
    rest = set(digests).difference(entry.model_digest for entry in found)
    rest.discard(search.own.model_digest)
    if rest:
        more = entries.of_digests(session, search.protocol.digest, rest)
        found = found + [one for one in more if search.among is None or one.seq in search.among]
    return sorted(found, key=lambda entry: entry.seq)


def _rank(
    session: Session,
    search: _Search,
    found: Sequence[EntryRecord],
    owners: Mapping[str, Sequence[ModelRecord]],
) -> Ranking:
    own, protocol, population = search.own, search.protocol, search.view.size
    passed = None if search.among is None else len(search.among)
    n_tests = population - 1 if passed is None else passed
    judgement = judge(session, protocol, own, found, n_tests=n_tests)
    relatives = []
    for entry, judged in zip(found, judgement.pairs, strict=True):
        first, *copies = owners[entry.model_digest]
        relatives.append(Relative(first, tuple(copies), entry, protocol, judged))
    relatives.sort(key=_nearness)
    noise = noise_of(session, judgement.population, own)
    version = judgement.reference_version
    return Ranking(protocol, version, population, passed, tuple(relatives), noise)


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
    return replace(ranking, relatives=ranking.relatives[:k])


def _nearness(relative: Relative) -> tuple[float, float, int]:
    judged = relative.judged
    return -(judged.standing or 0.0), -judged.score, relative.entry.seq


def _kinship(relative: Relative) -> tuple[int, float, float, int]:
    judged = relative.judged
    grade = min(VERDICTS.index(judged.verdict), VERDICTS.index("unrelated"))
    p_value = 1.0 if judged.p_value is None else judged.p_value
    return grade, p_value, -judged.score, relative.entry.seq
