"""What a job's process tells its parent: JSON lines, read by the parent as hostile data."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

from app.errors import GenebankError, ModelError, SetupError

# A batch of 32 answers of 128 tokens is some 50 KB; far more is an attack on the parent's memory.
MAX_FRAME_BYTES = 16 << 20
# Exit status of a process whose last frame says why it failed: a verdict, not a crash.
EXIT_REPORTED = 65

ShortText = Annotated[str, Field(max_length=2000)]
Unit = Annotated[str, Field(pattern="^(prompt_tokens|completion_tokens|cost)$")]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Resolved(_Frame):
    """The model's files were checked; `model` is ResolvedModel.to_json().

    `streamed` says that its weights do not fit into the job's memory.
    """

    frame: Literal["resolved"] = "resolved"
    model: dict[str, Any]
    streamed: bool


class Planned(_Frame):
    """The model is loaded and will answer this many batches, those already kept included."""

    frame: Literal["planned"] = "planned"
    batches: Annotated[int, Field(ge=0, le=1_000_000)]


class Stage(_Frame):
    """What it does now, for people."""

    frame: Literal["stage"] = "stage"
    stage: Annotated[str, Field(max_length=40)]


class Batch(_Frame):
    """Responses to the items `indices` of a protocol (see Protocol.n_items).

    `usage` is what they cost, by unit: an API's tokens, and money where its prices are known.
    """

    frame: Literal["batch"] = "batch"
    protocol: Annotated[str, Field(max_length=64)]
    batch: Annotated[int, Field(ge=0, le=1_000_000)]
    indices: list[int]
    responses: list[str] | list[list[FiniteFloat]]
    usage: dict[Unit, Annotated[FiniteFloat, Field(ge=0)]] = Field(default_factory=dict)


class Embeddings(_Frame):
    """Sentence embeddings of the texts from number `start` on: float32 rows, little-endian."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    frame: Literal["embeddings"] = "embeddings"
    start: Annotated[int, Field(ge=0, le=1_000_000)]
    width: Annotated[int, Field(ge=1, le=65_536)]
    rows: bytes


class Done(_Frame):
    """All batches were answered; `seconds` by phase."""

    frame: Literal["done"] = "done"
    environment: dict[ShortText, ShortText | int | None]
    seconds: dict[ShortText, FiniteFloat]


class Failed(_Frame):
    """It cannot be done, for a reason that lies in the model, or in the installation."""

    frame: Literal["failed"] = "failed"
    code: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,60}$")]
    detail: ShortText
    is_setup: bool = False

    @classmethod
    def of(cls, error: GenebankError) -> Self:
        """Say what was raised."""
        is_setup = isinstance(error, SetupError)
        return cls(code=error.code, detail=error.detail[:2000], is_setup=is_setup)

    def error(self) -> ModelError | SetupError:
        """What the parent raises: a model's fault ends the job, that of a setup gives it back."""
        return (SetupError if self.is_setup else ModelError)(self.code, self.detail)


Frame = Resolved | Planned | Stage | Batch | Embeddings | Done | Failed
_ADAPTER: TypeAdapter[Frame] = TypeAdapter(Annotated[Frame, Field(discriminator="frame")])


def write(frame: Frame) -> bytes:
    """One line, with its end."""
    return frame.model_dump_json().encode() + b"\n"


def read(line: bytes) -> Frame:
    """Read one line; ValueError when it is no frame."""
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        raise ValueError(f"{error.error_count()} faults in a frame") from error
