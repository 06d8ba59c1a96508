"""Use case: somebody hands in a model ref to be fingerprinted."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.dna.protocol import Protocol, defaults
from app.errors import InputError
from app.records import Claim, JobRecord, ModelRecord, ModelRef
from app.services.local_refs import contained, stat_revision
from app.store import jobs, models, protocols
from app.store.database import Session

MAX_REF = 1024


@dataclass(frozen=True)
class Registered:
    """The model, the job that fingerprints it, and whether this request made the job."""

    model: ModelRecord
    job: JobRecord
    is_new: bool


def register_model(
    session: Session, ref: str, roots: Sequence[Path], claims: Sequence[Claim] = ()
) -> Registered:
    """Register a model and submit its job; the same ref and content give the same job.

    Raises InputError when the ref cannot be fingerprinted here (`bad_model_ref`,
    `unsupported_source`, `outside_roots`, `no_such_directory`).
    """
    model = models.register(session, resolve_ref(ref, roots))
    models.add_claims(session, model.id, claims)
    wanted: Sequence[Protocol] = [protocols.ensure(session, protocol) for protocol in defaults()]
    job, is_new = jobs.submit(session, "extract", model.id, [p.digest for p in wanted])
    return Registered(model, job, is_new)


def resolve_ref(ref: str, roots: Sequence[Path]) -> ModelRef:
    """Parse a model ref and pin its revision, by names, sizes and times of its files."""
    if not 1 <= len(ref) <= MAX_REF:
        raise InputError("bad_model_ref", f"A model ref holds 1 to {MAX_REF:,} characters.")
    source, colon, rest = ref.partition(":")
    if not colon or source in ("hf", "endpoint"):
        raise InputError(
            "unsupported_source",
            "This version fingerprints local models only: use local:/path/to/directory.",
        )
    if source == "import":
        raise InputError(
            "unsupported_source", "Answers are handed in with `genebank import`, not by ref."
        )
    if source != "local" or not rest:
        raise InputError("bad_model_ref", "A model ref looks like local:/path/to/directory.")
    directory = contained(Path(rest), roots)
    if not str(directory).isprintable():  # the real path: a link can lead to any name
        raise InputError("bad_model_ref", "A model's path holds printable characters only.")
    return ModelRef("local", str(directory), stat_revision(directory))
