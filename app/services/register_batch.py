"""Use case: many models are handed in at once, each with an outcome of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from app.errors import GenebankError, SetupError
from app.records import Claim, JobRecord, ModelRecord
from app.services.model_refs import Pinned, Sources, pin
from app.services.register_model import register_model
from app.store.database import Database, Session

MOST_MODELS = 10_000
# Models that are registered in one transaction; others that want the same wait for it.
CHUNK = 200
# Refs that are looked up at once: the hub answers one in a tenth of a second.
LOOKUPS = 8


@dataclass(frozen=True)
class Wanted:
    """A model that is handed in, as a POST of it alone would do."""

    ref: str
    claims: Sequence[Claim] = ()
    protocols: Sequence[str] | None = None
    replicates: int = 0


@dataclass(frozen=True)
class Outcome:
    """The model with its job, which may have been there; or why there is none."""

    model: ModelRecord | None = None
    job: JobRecord | None = None
    is_new: bool = False
    problem: GenebankError | None = None


def register_batch(
    database: Database,
    sources: Sources,
    wanted: Sequence[Wanted],
    submitted: Callable[[], None] = lambda: None,
) -> list[Outcome]:
    """Register models in their order; what is wrong with one is its own outcome.

    Committed chunk by chunk, each followed by a call of `submitted`: what was done before the
    database went away stays, and is found to be there when the batch comes again. When a source
    is out of order (the hub does not answer), later models are not looked up. Raises SetupError.
    """
    outcomes: list[Outcome] = []
    out_of_order: SetupError | None = None
    with ThreadPoolExecutor(LOOKUPS) as pool:
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            if out_of_order is not None:
                outcomes += [Outcome(problem=out_of_order)] * len(chunk)
                continue
            pinned = list(pool.map(partial(_pinned, sources), [one.ref for one in chunk]))
            outcomes += database.transact(partial(_register, chunk=chunk, pinned=pinned))
            out_of_order = next((one for one in pinned if isinstance(one, SetupError)), None)
            submitted()
    return outcomes


def _pinned(sources: Sources, ref: str) -> Pinned | GenebankError:
    try:
        return pin(sources, ref)
    except GenebankError as error:
        return error


def _register(
    session: Session, chunk: Sequence[Wanted], pinned: Sequence[Pinned | GenebankError]
) -> list[Outcome]:
    # By ref, as all batches do: two that met in another order would wait for each other.
    outcomes = [Outcome()] * len(chunk)
    for place in sorted(range(len(chunk)), key=lambda place: chunk[place].ref):
        found = pinned[place]
        outcomes[place] = (
            Outcome(problem=found)
            if isinstance(found, GenebankError)
            else _one(session, chunk[place], found)
        )
    return outcomes


def _one(session: Session, wanted: Wanted, pinned: Pinned) -> Outcome:
    try:
        with session.begin_nested():
            registered = register_model(
                session, pinned, wanted.claims, wanted.protocols, wanted.replicates
            )
    except GenebankError as error:
        return Outcome(problem=error)
    return Outcome(registered.model, registered.job, registered.is_new)
