"""What goes over the wire, as Pydantic schemas; filled from records in app/api/views.py."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.texts import PlainText
from app.records import ClaimKind, Evidence, JobState, Source


def rfc3339(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 text: UTC, milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


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
    kind: str
    model: ModelName
    protocols: list[str]
    state: JobState
    stage: str
    progress: Progress
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


class Strand(BaseModel):
    """The form of a strand."""

    shape: tuple[int, int]
    dtype: Literal["float16", "float32"]


class Dna(BaseModel):
    """The form of DNA: `size` numbers, of which the protocol asks for at most `dim`."""

    size: int
    dim: int


class ReferenceVersion(BaseModel):
    """Which reference the scores were read against; version 0: too few models for one."""

    version: int


class Reference(ReferenceVersion):
    """The newest reference of a protocol, over its first `n_models` entries."""

    n_models: int


class Protocol(ProtocolName):
    """Everything that must be equal for two strands to be comparable."""

    probe_set: ProbeSet
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


class Entry(BaseModel):
    """That a model has a fingerprint under a protocol, and how it was obtained."""

    id: str
    seq: int
    protocol: ProtocolName
    evidence: Evidence
    environment: Mapping[str, Any]
    notes: list[str]
    created_at: Moment


class ModelInFull(Model):
    """A model with its entries and its latest jobs."""

    entries: list[Entry]
    jobs: list[Job]


class NewClaims(BaseModel):
    """What a submitter says of a model; kept as said, with its source."""

    model_config = ConfigDict(extra="forbid")

    declared_base: PlainText | None = None
    licence: PlainText | None = None
    released: (
        Annotated[str, Field(pattern="^[0-9]{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?$")]
        | None
    ) = Field(default=None, description="YYYY-MM or YYYY-MM-DD")


class NewModel(BaseModel):
    """A model to be fingerprinted."""

    model_config = ConfigDict(extra="forbid")

    # The service has better words than a pattern for a ref that it does not take.
    model: str = Field(
        min_length=1,
        max_length=1024,
        description="local:/absolute/path of a directory in Hugging Face format, under one of "
        "the roots that the operator allows.",
        json_schema_extra={"pattern": "^local:/[^\\x00-\\x1f\\x7f-\\x9f]*$"},
        examples=["local:/models/tiny-llama"],
    )
    claims: NewClaims | None = None


class Registration(BaseModel):
    """The model that was handed in, and the job that fingerprints it."""

    model: Model
    job: Job
