"""Use case: look whether everything holds that must hold, and mend what can be mended."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from app.broker.queues import QUEUES
from app.dna.protocol import Protocol
from app.search.candidates import Candidates
from app.services.invariants import content, index
from app.services.invariants.outcome import Invariant, Outcome, outcome
from app.store import protocols
from app.store.audit import bodies, links, moving, numbering, withdrawn
from app.store.database import Database, Session


@dataclass(frozen=True)
class Scope:
    """What is looked at: `everything` reads every entry, else a sample of each protocol."""

    candidates: Candidates
    everything: bool = False


def examine(database: Database, scope: Scope, *, repair: bool) -> Iterator[Outcome]:
    """The invariants of a registry, one by one, as each was found, or is after its repair.

    Those about whole tables are statements of the database; a million entries take seconds.
    A service may run meanwhile. Raises SetupError where the database does not answer.
    """
    with database.read() as session:
        known = protocols.every(session)
    for invariant in invariants(scope, known):
        with database.read() as session:
            found = outcome(invariant.name, invariant.look(session))
        if repair and found.findings and invariant.mend is not None:
            with database.write() as session:
                mended = invariant.mend(session)
            with database.read() as session:
                found = outcome(invariant.name, invariant.look(session), mended)
        yield found


def invariants(scope: Scope, known: Sequence[Protocol]) -> list[Invariant]:
    """All of them, for the protocols that a registry has."""

    def each(look: Callable[[Session, Protocol], Iterable[str]]) -> Callable[..., Iterable[str]]:
        return lambda session: (line for one in known for line in look(session, one))

    def every(mend: Callable[[Session, Protocol], int]) -> Callable[[Session], int]:
        return lambda session: sum(mend(session, one) for one in known)

    return [
        Invariant(
            "jobs are at an end or moving",
            partial(moving.stuck, queues=QUEUES),
            partial(moving.mend_stuck, queues=QUEUES),
        ),
        Invariant("jobs that succeeded made an entry", moving.empty_handed),
        Invariant("ended jobs left nothing", moving.leftovers, moving.mend_leftovers),
        Invariant("one entry a model digest and protocol", numbering.doubled),
        Invariant("entries are numbered without gaps", numbering.gaps),
        Invariant("entries have their model's digest", numbering.estranged),
        Invariant("entries have all parts", each(bodies.missing), every(_project_missing)),
        Invariant(
            "entries hold what their strands say",
            each(partial(_wrong, scope)),
            every(partial(_project_wrong, scope)),
        ),
        Invariant("rows refer to rows that are there", links.dangling, links.mend_claims),
        Invariant("withdrawn models do nothing", withdrawn.at_work, withdrawn.mend_at_work),
        Invariant(
            "entries are withdrawn as their models are", withdrawn.mismarked, withdrawn.mend_marks
        ),
        Invariant("references stand on entries", each(links.cohorts)),
        Invariant("trees stand on entries", each(links.standing), every(_forget_broken_tree)),
        Invariant("the index is the database", each(partial(_differs, scope))),
    ]


def _wrong(scope: Scope, session: Session, protocol: Protocol) -> Iterable[str]:
    seqs = content.sample(session, protocol, everything=scope.everything)
    return content.wrong(session, protocol, seqs)


def _differs(scope: Scope, session: Session, protocol: Protocol) -> Iterable[str]:
    seqs = content.sample(session, protocol, everything=False)
    return index.differs(session, scope.candidates, protocol, seqs)


def _project_missing(session: Session, protocol: Protocol) -> int:
    return bodies.mend_dna(session, protocol, bodies.without_dna(session, protocol))


def _project_wrong(scope: Scope, session: Session, protocol: Protocol) -> int:
    seqs = content.sample(session, protocol, everything=scope.everything)
    return bodies.mend_dna(session, protocol, content.misprojected(session, protocol, seqs))


def _forget_broken_tree(session: Session, protocol: Protocol) -> int:
    broken = next(iter(links.standing(session, protocol)), None)
    return 0 if broken is None else links.mend_standing(session, protocol)
