"""Use case: which models a derivation graph is of: all, those that are named, or one's family."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.dna.protocol import Protocol
from app.dna.relations import RELATIVES
from app.errors import InputError
from app.lineage.descent import MOST_MODELS, lines
from app.records import EntryRecord, ModelRecord
from app.search.candidates import Candidates
from app.services.ancestry.declarations import Declarations
from app.services.combining import decisive
from app.services.default_protocol import for_tree
from app.services.relatives import find_relatives
from app.store import entries, models, protocols
from app.store.database import Session

# All pairs are compared: 2,000 models are 4 million.
MOST_GRAPH = 2000


@dataclass(frozen=True, eq=False)
class Content:
    """The models of one content, `model` first; `entry` is None where it was never fingerprinted
    under the protocol: then it is there because others declare it, or it them.
    """

    model: ModelRecord
    copies: tuple[ModelRecord, ...]
    entry: EntryRecord | None

    @property
    def records(self) -> tuple[ModelRecord, ...]:
        """All models of this content."""
        return (self.model, *self.copies)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The contents of a graph, those with an entry first, and the claims of all of them."""

    protocol: Protocol
    contents: tuple[Content, ...]
    declarations: Declarations


def all_models(session: Session, protocol: Protocol | None) -> Chosen:
    """All models of a protocol, by default the one that tells most, and the bases they declare.

    Raises InputError `too_few_models` or `too_many_models`, NotFoundError `no_entries`.
    """
    chosen = protocol or for_tree(session)
    found = entries.oldest(session, chosen, MOST_GRAPH + 1)
    if len(found) > MOST_GRAPH:
        raise InputError(
            "too_many_models",
            f"A graph holds up to {MOST_GRAPH:,} models, and there are more: name some, or ask "
            "for the family around one.",
        )
    return _checked(_reached(session, chosen, found, Declarations(session)))


def named_models(
    session: Session, named: Sequence[ModelRecord], protocol: Protocol | None
) -> Chosen:
    """These models and no others, by default under the best protocol that they share.

    Raises InputError `named_twice`, `no_shared_protocol` or `too_few_models`, NotFoundError
    `not_fingerprinted`.
    """
    for place, model in enumerate(named):
        if model.id in {other.id for other in named[:place]}:
            raise InputError("named_twice", f"{model.name} is named twice: name each model once.")
    chosen = protocol or _shared(session, named)
    found = {entry.id: entry for entry in (entries.get(session, one, chosen) for one in named)}
    declarations = Declarations(session)
    return _checked(Chosen(chosen, _contents(session, found.values(), named), declarations))


def family_around(
    session: Session, candidates: Candidates, model: ModelRecord, protocol: Protocol | None, k: int
) -> Chosen:
    """A model, its up to `k` nearest relatives, and whoever declarations lead to, up and down.

    Raises NotFoundError `not_fingerprinted`.
    """
    chosen = protocol or _shared(session, [model])
    own = entries.get(session, model, chosen)
    [ranking] = find_relatives(session, candidates, model, chosen, k).rankings
    near = [one.entry for one in ranking.relatives if one.judged.verdict in RELATIVES]
    declarations = Declarations(session)
    below = declarations.children(model)
    children = [declarations.model(one) for one in lines(model.id, lambda one: below.get(one, ()))]
    return _reached(session, chosen, [own, *near], declarations, [model, *children])


def _shared(session: Session, named: Sequence[ModelRecord]) -> Protocol:
    several = [
        {entry.protocol_digest for entry in entries.require_any(session, one)} for one in named
    ]
    shared = set.intersection(*several)
    if not shared:
        raise InputError(
            "no_shared_protocol",
            "These models share no protocol, so that nothing can be said of all of them: "
            "fingerprint them under one, or name fewer.",
        )
    return decisive([protocols.get(session, digest) for digest in sorted(shared)])


def _checked(chosen: Chosen) -> Chosen:
    if sum(one.entry is not None for one in chosen.contents) < 2:
        raise InputError(
            "too_few_models",
            f"A graph needs two models that differ, with an entry under {chosen.protocol.name}.",
        )
    return chosen


def _reached(
    session: Session,
    protocol: Protocol,
    found: Sequence[EntryRecord],
    declarations: Declarations,
    named: Sequence[ModelRecord] = (),
) -> Chosen:
    """Entries and whoever they, or those that are named, declare, however far."""
    owners = models.by_digest(session, [entry.model_digest for entry in found])
    members = [*named, *(model for several in owners.values() for model in several)]
    declarations.read(members)
    above = dict.fromkeys(
        base for model in members for base in lines(model.id, declarations.parents)
    )
    known = {model.id for model in members}
    outside = [declarations.model(one) for one in above if one not in known][:MOST_MODELS]
    outside += [model for model in named if model.digest not in owners]
    more = entries.of_digests(
        session, protocol.digest, {one.digest for one in outside if one.digest}
    )
    inside = {entry.id: entry for entry in (*found, *more)}
    contents = _contents(session, inside.values(), named)
    read = {model.id for content in contents for model in content.records}
    unread = {model.id: model for model in outside if model.id not in read}
    contents += tuple(Content(model, (), None) for model in unread.values())
    return Chosen(protocol, contents, declarations)


def _contents(
    session: Session, found: Iterable[EntryRecord], named: Sequence[ModelRecord]
) -> tuple[Content, ...]:
    """The contents of some entries; whoever was named speaks for his copies."""
    first = {model.id for model in named}
    known = list(found)
    owners = models.by_digest(session, [entry.model_digest for entry in known])
    contents = []
    for entry in known:
        model, *copies = sorted(owners[entry.model_digest], key=lambda one: one.id not in first)
        contents.append(Content(model, tuple(copies), entry))
    return tuple(contents)
