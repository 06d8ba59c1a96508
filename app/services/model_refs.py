"""What a model ref means: which source it names, and the revision that it is pinned to.

Runs before the transaction that registers a model: of the hub it asks over the network.
"""

from dataclasses import dataclass, field
from pathlib import Path

from app.broker.queues import CPU, SizeClasses
from app.errors import InputError
from app.hub.client import Hub
from app.hub.names import is_bare
from app.queue import WorkerConfig
from app.records import Claim, ModelRef
from app.services import endpoints
from app.services.local_refs import contained, stat_revision, weight_bytes
from app.store.database import Database

MAX_REF = 1024
EXAMPLES = "local:/path/to/directory, hf:org/name[@revision] or endpoint:name/model"


@dataclass(frozen=True)
class Sources:
    """Where an operator lets models come from, and which queues do those of which size."""

    database: Database
    hub: Hub
    roots: tuple[Path, ...]
    sizes: SizeClasses = field(default=SizeClasses(2 << 30, 32 << 30))


def open_hub(config: WorkerConfig) -> Hub:
    """The hub as it is configured; what is left empty is the operator's own huggingface_hub's."""
    return Hub(
        config.hub_url or None,
        config.hub_token or None,
        max_weight_bytes=config.max_weight_bytes,
    )


@dataclass(frozen=True)
class Pinned:
    """A ref with its revision, what its source says of the model, and the queue of its jobs."""

    ref: ModelRef
    claims: tuple[Claim, ...] = ()
    queue: str = CPU


def pin(sources: Sources, text: str) -> Pinned:
    """Parse a model ref and pin its revision.

    Local models are pinned by names, sizes and times of their files, those of the hub by their
    commit, those of an endpoint by what the endpoint is. Raises InputError `bad_model_ref`,
    `unsupported_source`, `outside_roots`, `no_such_directory`; NotFoundError
    `no_such_endpoint`; and what `Hub.resolve` raises.
    """
    if not 1 <= len(text) <= MAX_REF:
        raise InputError("bad_model_ref", f"A model ref holds 1 to {MAX_REF:,} characters.")
    source, colon, rest = text.partition(":")
    if not colon and is_bare(text):
        source, rest = "hf", text
    match source:
        case "local" if rest:
            return _local(sources, rest)
        case "hf" if rest:
            return _hub(sources, rest)
        case "endpoint" if rest and rest.isprintable():
            with sources.database.read() as session:
                return Pinned(endpoints.resolve(session, rest))
        case "import":
            raise InputError(
                "unsupported_source", "Answers are handed in with `genebank import`, not by ref."
            )
        case _:
            raise InputError("bad_model_ref", f"A model ref looks like {EXAMPLES}.")


def _local(sources: Sources, path: str) -> Pinned:
    directory = contained(Path(path), sources.roots)
    if not str(directory).isprintable():  # the real path: a link can lead to any name
        raise InputError("bad_model_ref", "A model's path holds printable characters only.")
    queue = sources.sizes.queue(weight_bytes(directory))
    return Pinned(ModelRef("local", str(directory), stat_revision(directory)), queue=queue)


def _hub(sources: Sources, rest: str) -> Pinned:
    name, _, revision = rest.partition("@")
    model = sources.hub.resolve(name, revision or None)
    queue = sources.sizes.queue(model.weight_bytes)
    return Pinned(ModelRef("hf", model.name, model.commit), model.claims, queue)
