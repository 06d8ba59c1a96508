"""Use case: the models that are nearest to one model, and which of them are its relatives."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.dna.protocol import Protocol
from app.dna.relations import VERDICTS
from app.dna.scores import Strands
from app.records import EntryRecord, ModelRecord
from app.search.among import Among
from app.search.candidates import Candidates
from app.search.view import View
from app.services.combining import decisive
from app.services.filters import Filter, passing_entries
from app.services.judging import Judged, Judgement, judge_strands
from app.services.noise import Noise, noise_of
from app.services.populations import numbered
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
    digests = {entry.model_digest for found in proposed for entry in found.entries}
    judged = [
        _judged(session, search, _completed(session, search, found, digests))
        for search, found in zip(searches, proposed, strict=True)
    ]
    combined = _combined([pair for one in judged for pair in one.pairs])[:k]
    shown = {pair.digest for pair in combined}
    shown.update(pair.digest for one in judged for pair in one.pairs[:k])
    owners = models.by_digest(session, {*shown, own[0].model_digest})
    return Relatives(
        tuple(one for one in owners[own[0].model_digest] if one.id != model.id),
        tuple(_ranking(session, one, k, owners) for one in judged),
        tuple(_relative(pair, owners) for pair in combined),
    )


@dataclass(frozen=True)
class _Search:
    """An entry whose relatives are looked for, and where: `among` is None without a filter."""

    own: EntryRecord
    protocol: Protocol
    view: View
    among: Among | None


@dataclass(frozen=True, eq=False)
class _Found:
    """Entries and their strands, (n, n_probes, width): the one that was asked about is first."""

    entries: list[EntryRecord]
    strands: Strands


@dataclass(frozen=True)
class _Pair:
    """A candidate as it was judged, before its models are looked up."""

    entry: EntryRecord
    protocol: Protocol
    judged: Judged

    @property
    def digest(self) -> str:
        """Of the candidate's content."""
        return self.entry.model_digest


@dataclass(frozen=True)
class _Judged:
    """All candidates of one search, best first."""

    search: _Search
    judgement: Judgement
    pairs: list[_Pair]


def _searched(session: Session, candidates: Candidates, own: EntryRecord, only: Filter) -> _Search:
    protocol = protocols.get(session, own.protocol_digest)
    view = candidates.current(session, protocol)
    among = None if only.is_empty else passing_entries(session, protocol, only, view)
    return _Search(own, protocol, view, among)


def _proposed(session: Session, search: _Search, k: int) -> _Found:
    own, wanted = search.own, max(k * OVERSAMPLING, FEWEST_CANDIDATES) + 1
    direction = search.view.centred(own.seq)
    if direction is None:
        seqs = search.view.nearest(entries.dna(session, own), wanted, search.among)
    else:
        seqs = search.view.near(direction, wanted, search.among)
    found, strands = entries.with_strands(session, search.protocol, {own.seq, *seqs.tolist()})
    order = sorted(range(len(found)), key=lambda place: found[place].seq != own.seq)
    return _Found([found[place] for place in order], strands[order])


def _completed(
    session: Session, search: _Search, found: _Found, digests: Collection[str]
) -> _Found:
    """What is judged under one protocol: what it proposed, and what others did, if it passes."""
    rest = set(digests).difference(entry.model_digest for entry in found.entries)
    if not rest:
        return found
    more = entries.of_digests(session, search.protocol.digest, rest)
    more = [one for one in more if search.among is None or one.seq in search.among]
    strands = entries.strands(session, search.protocol, more)
    return _Found([*found.entries, *more], np.concatenate([found.strands, strands]))


def _judged(session: Session, search: _Search, found: _Found) -> _Judged:
    n_tests = search.view.size - 1 if search.among is None else len(search.among)
    read_with = numbered(session, search.protocol, search.view.version)
    judgement = judge_strands(read_with, found.entries, found.strands, n_tests)
    others = zip(found.entries[1:], judgement.pairs, strict=True)
    pairs = [_Pair(entry, search.protocol, judged) for entry, judged in others]
    return _Judged(search, judgement, sorted(pairs, key=_nearness))


def _ranking(
    session: Session, one: _Judged, k: int, owners: Mapping[str, Sequence[ModelRecord]]
) -> Ranking:
    search, judgement = one.search, one.judgement
    return Ranking(
        search.protocol,
        judgement.reference_version,
        search.view.size,
        None if search.among is None else len(search.among),
        tuple(_relative(pair, owners) for pair in one.pairs[:k]),
        noise_of(session, judgement.population, search.own),
    )


def _relative(pair: _Pair, owners: Mapping[str, Sequence[ModelRecord]]) -> Relative:
    first, *copies = owners[pair.digest]
    return Relative(first, tuple(copies), pair.entry, pair.protocol, pair.judged)


def _combined(pairs: Iterable[_Pair]) -> list[_Pair]:
    shared: dict[str, list[_Pair]] = {}
    for pair in pairs:
        shared.setdefault(pair.digest, []).append(pair)
    return sorted(map(_deciding, shared.values()), key=_kinship)


def _deciding(several: Sequence[_Pair]) -> _Pair:
    """The same candidate under the best of some protocols."""
    if len(several) == 1:
        return several[0]
    by = decisive([one.protocol for one in several])
    return next(one for one in several if one.protocol is by)


def _nearness(pair: _Pair) -> tuple[float, float, int]:
    judged = pair.judged
    return -(judged.standing or 0.0), -judged.score, pair.entry.seq


def _kinship(pair: _Pair) -> tuple[int, float, float, int]:
    judged = pair.judged
    grade = min(VERDICTS.index(judged.verdict), VERDICTS.index("unrelated"))
    p_value = 1.0 if judged.p_value is None else judged.p_value
    return grade, p_value, -judged.score, pair.entry.seq
