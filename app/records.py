"""What the store returns and services pass on: plain frozen values, no rows, no sessions.

Times are seconds since 1970 UTC on the database's clock.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, TypeGuard

from app.errors import InputError

Source = Literal["local", "hf", "endpoint", "import"]
Evidence = Literal["weights", "endpoint", "reported"]
# What makes an entry, from a model or from responses that are known; what repeats one; what grows
# the standing tree of a protocol.
JobKind = Literal["extract", "encode", "replicate", "tree"]
JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "quarantined"]
# Whether a worker is rung by a broker, or looks into the database by itself.
HearsBy = Literal["broker", "looking"]
ClaimKind = Literal["name", "declared_base", "licence", "released"]

EndpointKind = Literal["chat", "completions"]
Likelihoods = Literal["none", "echo", "prompt_logprobs"]
LimitParameter = Literal["max_tokens", "max_completion_tokens"]

TERMINAL_STATES: frozenset[JobState] = frozenset(
    {"succeeded", "failed", "cancelled", "quarantined"}
)
# A tuple: SQL that asks for these names them in one order.
LIVE_STATES: tuple[JobState, ...] = ("queued", "running")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")


@dataclass(frozen=True)
class ModelRef:
    """Source, name and revision of a model, written `source:name@revision`.

    A name is a path (`local`), `org/name` (`hf`), `endpoint/model` (`endpoint`) or a label
    (`import`); a revision is pinned: of `hf` it is a commit, of the others a digest.
    """

    source: Source
    name: str
    revision: str

    def __str__(self) -> str:
        return f"{self.source}:{self.name}@{self.revision}"

    @property
    def label(self) -> str:
        """The name for people: the directory's own name, or the label."""
        return self.name.rstrip("/").rpartition("/")[2] if self.source == "local" else self.name


@dataclass(frozen=True)
class ModelRecord:
    """A registered model. `digest` is null until its content was read."""

    id: str
    ref: ModelRef
    digest: str | None
    details: Mapping[str, Any]
    created_at: float

    @property
    def name(self) -> str:
        """The name for people."""
        return self.ref.label


@dataclass(frozen=True)
class Claim:
    """What somebody says of a model, with who says so."""

    kind: ClaimKind
    value: str
    source: str


@dataclass(frozen=True)
class JobRecord:
    """One piece of work. `version` grows with every change that a watcher should see.

    Workers that serve `queue` do it. `model_id` is None where it is about all models of a
    protocol. `options` is what was asked beside the protocols, `usage` what it cost so far, by
    unit (`prompt_tokens`, `completion_tokens`, `cost`).
    """

    id: str
    kind: JobKind
    queue: str
    model_id: str | None
    protocols: tuple[str, ...]
    state: JobState
    stage: str
    done: int
    total: int
    version: int
    fence: int
    lease_losses: int
    model_faults: int
    cancel_requested: bool
    options: Mapping[str, Any]
    usage: Mapping[str, float]
    error_code: str | None
    error_detail: str | None
    created_at: float
    updated_at: float

    @property
    def is_terminal(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in TERMINAL_STATES


@dataclass(frozen=True)
class QueueRecord:
    """How many jobs of a queue wait and run, and for how long one has been due, in seconds.

    `due_s` is 0 where none is due.
    """

    name: str
    queued: int
    running: int
    due_s: float


@dataclass(frozen=True)
class WorkerRecord:
    """A worker: `hears_by` says how it learns of jobs, `slots` how many it runs at once.

    `started_at` and `seen_at` are set by the store.
    """

    id: str
    host: str
    pid: int
    version: str
    hears_by: HearsBy
    queues: tuple[str, ...]
    slots: int
    is_draining: bool = False
    started_at: float = 0.0
    seen_at: float = 0.0


@dataclass(frozen=True)
class Held:
    """A job that a worker holds, and since when."""

    worker_id: str
    job_id: str
    kind: JobKind
    model_id: str | None
    stage: str
    since: float


@dataclass(frozen=True)
class EntryRecord:
    """One model under one protocol; `seq` numbers entries without gaps in commit order."""

    id: str
    seq: int
    model_id: str
    model_digest: str
    protocol_digest: str
    evidence: Evidence


@dataclass(frozen=True)
class EntryDetails:
    """How an entry came about: what ran, what was remarked on, when it was stored."""

    environment: Mapping[str, Any]
    notes: tuple[str, ...]
    created_at: float


@dataclass(frozen=True)
class EndpointSettings:
    """How an endpoint is asked, and what it costs.

    `concurrency` requests at once, each for at most `timeout_s` seconds; `likelihoods` says by
    what parameter its completions give the log-probabilities of a prompt; `limit_parameter` names
    the parameter that bounds an answer; prices are for a million tokens.
    """

    concurrency: int = 4
    timeout_s: float = 120.0
    likelihoods: Likelihoods = "none"
    limit_parameter: LimitParameter = "max_tokens"
    input_price: float = 0.0
    output_price: float = 0.0


@dataclass(frozen=True)
class EndpointRecord:
    """A registered API: `url` ends without a slash, prompts are answered by `kind`."""

    name: str
    url: str
    kind: EndpointKind
    settings: EndpointSettings
    sealed_key: bytes | None = field(repr=False)


def check_label(label: str) -> str:
    """Return a name that is safe to keep; InputError `bad_label` otherwise."""
    if not 1 <= len(label) <= 200 or not label.isprintable() or label != label.strip():
        raise InputError(
            "bad_label", "A label must hold 1 to 200 printable characters, no space at its ends."
        )
    return label


def is_date(value: object) -> TypeGuard[str]:
    """Whether it is a day or a month that exists, YYYY-MM-DD or YYYY-MM."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{value}-01"[:10])
    except ValueError:
        return False
    return True
