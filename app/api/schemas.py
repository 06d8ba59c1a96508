"""What goes over the wire, as Pydantic schemas; filled from records in app/api/views.py."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from app.api.texts import PlainText
from app.dna.flags import Flag
from app.dna.relations import Verdict
from app.hub.names import PART, REVISION
from app.records import ClaimKind, Evidence, JobKind, JobState, Source, is_date
from app.services.model_refs import MAX_REF
from app.services.register_model import MOST_REPLICATES


def rfc3339(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 text: UTC, milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


MOST_PROTOCOLS = 20
# The forms of refs that are sent.
REF_PATTERN = (
    "^("
    r"local:/[^\x00-\x1f\x7f-\x9f]*"
    rf"|(?![^@]*--)(?!.*(\.\.|//))(hf:{PART}|(hf:)?{PART}/{PART})"
    f"(@{REVISION})?"
    "|endpoint:[a-z0-9][a-z0-9._-]{0,62}/[!-~]+"
    ")$"
)

Moment = Annotated[
    str,
    Field(json_schema_extra={"format": "date-time", "examples": ["2026-01-31T12:00:00.000Z"]}),
]


class ModelName(BaseModel):
    """A model, by its id and its name for people."""

    id: str
    name: str


class ModelLink(ModelName):
    """A model with its full ref."""

    ref: str


class Claim(BaseModel):
    """What somebody says of a model, and who says so."""

    kind: ClaimKind
    value: str
    source: str


class Model(BaseModel):
    """A registered model; `digest` is null until a worker has read its content."""

    id: str
    ref: str
    name: str
    source: Source
    revision: str
    digest: str | None
    details: Mapping[str, Any]
    claims: list[Claim]
    created_at: Moment


class Progress(BaseModel):
    """How many of its steps a job has done."""

    done: int
    total: int


class JobError(BaseModel):
    """Why a job did not succeed, or why its last try did not."""

    code: str
    detail: str


class Job(BaseModel):
    """One piece of work; `version` grows with every change."""

    id: str
    kind: JobKind
    queue: str = Field(description="Workers that serve it do the job.")
    model: ModelName | None = Field(
        description="Null where it is about all models of a protocol, or its model was withdrawn."
    )
    protocols: list[str]
    replicate: int | None = Field(
        description="The number of the replicate that it makes; null when it makes the entry."
    )
    state: JobState
    stage: str
    progress: Progress = Field(description="In batches; in bytes while the stage is `download`.")
    usage: Mapping[str, int | float] = Field(
        description="What it cost so far, by unit, where answers are paid for.",
        examples=[{"prompt_tokens": 5120, "completion_tokens": 16384, "cost": 0.42}],
    )
    cancel_requested: bool
    lease_losses: int
    model_faults: int
    error: JobError | None
    version: int
    created_at: Moment
    updated_at: Moment


class ProtocolName(BaseModel):
    """A protocol, by its name and digest."""

    name: str
    digest: str


class ProbeSet(BaseModel):
    """A probe set without its probes."""

    name: str
    digest: str
    n_probes: int


class Encoder(BaseModel):
    """What turns responses into a strand."""

    name: str
    version: int
    settings: Mapping[str, str | int]


class Strand(BaseModel):
    """The form of a strand."""

    shape: tuple[int, int]
    dtype: Literal["float16", "float32"]


class Dna(BaseModel):
    """The form of DNA: `size` numbers, of which the protocol asks for at most `dim`."""

    size: int
    dim: int
    projection: Literal["hadamard", "gaussian"]


class ReferenceVersion(BaseModel):
    """Which reference the scores were read against; version 0: too few models for one."""

    version: int


class Reference(ReferenceVersion):
    """The newest reference of a protocol, over its first `n_models` entries."""

    n_models: int


class Protocol(ProtocolName):
    """Everything that must be equal for two strands to be comparable."""

    probe_set: ProbeSet
    askable: bool = Field(description="Whether models can be asked; else answers are handed in.")
    response: Literal["likelihood", "answer", "vector"]
    generation: Mapping[str, str | int]
    encoder: Encoder
    strand: Strand
    dna: Dna
    entries: int
    reference: Reference


class ProtocolInFull(Protocol):
    """A protocol with its probes."""

    probes: list[str]


class Judged(BaseModel):
    """What is said of a pair under one protocol; null where there is no reference.

    `standing`: how far the score lies above what the two models score with unrelated ones, in
    standard deviations (answers) or standard errors (log-probabilities). `p_value`: how often
    unrelated models stand as high; `q_value`: the same after all models that were searched.
    A pair whose answers say nothing of descent carries `flags` and is `inconclusive`.
    """

    standing: float | None
    p_value: float | None
    q_value: float | None
    verdict: Verdict
    flags: list[Flag]


class Noise(BaseModel):
    """How far a model is from itself: scores of all pairs of its runs, `replicates` and the entry.

    It says when two scores cannot be told apart, and nothing of who is related to whom.
    """

    replicates: int
    mean_score: float
    lowest_score: float


class Entry(BaseModel):
    """That a model has a fingerprint under a protocol, and how it was obtained."""

    id: str
    seq: int
    protocol: ProtocolName
    evidence: Evidence
    environment: Mapping[str, Any]
    notes: list[str]
    noise: Noise | None = Field(description="Null when the model was never asked again.")
    created_at: Moment


class ModelInFull(Model):
    """A model with its entries and its latest jobs."""

    entries: list[Entry]
    jobs: list[Job]


_DATE = {
    "type": "string",
    "anyOf": [{"format": "date"}, {"pattern": "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$"}],
}


def _date(value: str) -> str:
    if not is_date(value):
        raise ValueError("a day or a month that exists is written YYYY-MM-DD or YYYY-MM")
    return value


# A day or a month that exists, YYYY-MM-DD or YYYY-MM.
Date = Annotated[str, AfterValidator(_date), WithJsonSchema(_DATE)]


class NewClaims(BaseModel):
    """What a submitter says of a model; kept as said, with its source."""

    model_config = ConfigDict(extra="forbid")

    declared_base: PlainText | None = None
    licence: PlainText | None = None
    released: Date | None = Field(default=None, description="YYYY-MM or YYYY-MM-DD")


def _whole(value: object) -> object:
    """To JSON Schema 2.0 is an integer; "2" and true are none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class NewModel(BaseModel):
    """A model to be fingerprinted."""

    model_config = ConfigDict(extra="forbid")

    # The service has better words than a pattern for a ref that it does not take.
    model: str = Field(
        min_length=1,
        max_length=MAX_REF,
        description="`hf:org/name`, with `@` and a branch, tag or commit if not the newest, or "
        "plain `org/name`: a model of the hub. `local:/absolute/path`: a directory in Hugging Face "
        "format, under one of the roots that the operator allows. `endpoint:name/model`, with `@` "
        "and a label to ask it anew: a model behind an API that the operator has added.",
        json_schema_extra={"pattern": REF_PATTERN},
        examples=["hf:org/name", "local:/models/tiny-llama", "endpoint:name/model"],
    )
    claims: NewClaims | None = None
    protocols: list[PlainText] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_PROTOCOLS,
        description="Names or digests of protocols; when left out, the default ones that the "
        "source can answer.",
    )
    replicates: Annotated[int, BeforeValidator(_whole)] = Field(
        default=0,
        ge=0,
        le=MOST_REPLICATES,
        strict=True,
        description="How many more times to ask the model, to learn how far it is from itself.",
    )


class Registration(BaseModel):
    """The model that was handed in, the job that fingerprints it, and those that repeat it."""

    model: Model
    job: Job
    replicates: list[Job]
