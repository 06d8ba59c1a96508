"""Use case: somebody hands in a model to be fingerprinted."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.canonical import Json
from app.dna.protocol import Protocol, defaults
from app.errors import InputError
from app.records import Claim, JobRecord, ModelRecord
from app.services import known_protocols
from app.services.endpoints import can_answer
from app.services.model_refs import Pinned
from app.store import endpoints, jobs, models, protocols
from app.store.database import Session

MOST_REPLICATES = 20


@dataclass(frozen=True)
class Registered:
    """The model, the job that fingerprints it, whether this request made any job, and the jobs
    that repeat it.
    """

    model: ModelRecord
    job: JobRecord
    is_new: bool
    replicates: tuple[JobRecord, ...] = ()


def register_model(
    session: Session,
    pinned: Pinned,
    claims: Sequence[Claim] = (),
    wanted: Sequence[str] | None = None,
    replicates: int = 0,
) -> Registered:
    """Register a model and submit its job; the same ref and content give the same job.

    `wanted` names protocols; without it the defaults are taken, as far as the source can answer
    them. `replicates` more jobs ask the model again, to learn how far it is from itself.
    Raises NotFoundError `no_such_protocol`, InputError `not_askable`, `bad_replicates`.
    """
    if not 0 <= replicates <= MOST_REPLICATES:
        raise InputError("bad_replicates", f"Ask for 0 to {MOST_REPLICATES} replicates.")
    model = models.register(session, pinned.ref)
    models.add_claims(session, model.id, [*pinned.claims, *claims])
    asked = _default(session, model) if wanted is None else _named(session, model, wanted)
    digests = [protocol.digest for protocol in asked]
    options: dict[str, Json] = {} if wanted is None else {"explicit": True}
    job, is_new = jobs.submit(session, "extract", model.id, digests, options, pinned.queue)
    again = [
        jobs.submit(session, "replicate", model.id, digests, more, pinned.queue)
        for more in ({**options, "replicate": number} for number in range(1, replicates + 1))
    ]
    is_new = is_new or any(new for _, new in again)
    return Registered(model, job, is_new, tuple(job for job, _ in again))


def _default(session: Session, model: ModelRecord) -> list[Protocol]:
    """The default protocols, as far as whoever answers for the model can."""
    chosen = [protocol for protocol in defaults() if _can_answer(session, model, protocol)]
    return [protocols.ensure(session, protocol) for protocol in chosen]


def _can_answer(session: Session, model: ModelRecord, protocol: Protocol) -> bool:
    if model.ref.source != "endpoint":
        return True
    endpoint = endpoints.get(session, model.ref.name.partition("/")[0])
    return can_answer(endpoint, protocol)


def _named(session: Session, model: ModelRecord, names: Sequence[str]) -> list[Protocol]:
    found = [
        protocols.ensure(session, known_protocols.find(session, name))
        for name in dict.fromkeys(names)
    ]
    for protocol in found:
        if not protocol.is_askable or not _can_answer(session, model, protocol):
            raise InputError(
                "not_askable",
                f"{model.name} cannot be asked for what protocol {protocol.name} holds.",
            )
    if not found:
        raise InputError("not_askable", "Name at least one protocol, or leave the list out.")
    return found
