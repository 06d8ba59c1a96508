"""What a job's process tells its parent: JSON lines, read by the parent as hostile data."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter, ValidationError

# A batch of 32 answers of 128 tokens is some 50 KB; far more is an attack on the parent's memory.
MAX_FRAME_BYTES = 16 << 20
# Exit status of a process whose last frame says why it failed: a verdict, not a crash.
EXIT_REPORTED = 65

ShortText = Annotated[str, Field(max_length=2000)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Resolved(_Frame):
    """The model's files were checked; `model` is ResolvedModel.to_json()."""

    frame: Literal["resolved"] = "resolved"
    model: dict[str, Any]


class Planned(_Frame):
    """The model is loaded and will answer this many batches, those already kept included."""

    frame: Literal["planned"] = "planned"
    batches: Annotated[int, Field(ge=0, le=1_000_000)]


class Stage(_Frame):
    """What it does now, for people."""

    frame: Literal["stage"] = "stage"
    stage: Annotated[str, Field(max_length=40)]


class Batch(_Frame):
    """Responses to the probes `indices` of a protocol."""

    frame: Literal["batch"] = "batch"
    protocol: Annotated[str, Field(max_length=64)]
    batch: Annotated[int, Field(ge=0, le=1_000_000)]
    indices: list[int]
    responses: list[str] | list[list[FiniteFloat]]


class Done(_Frame):
    """All batches were answered; `seconds` by phase."""

    frame: Literal["done"] = "done"
    environment: dict[ShortText, ShortText | int | None]
    seconds: dict[ShortText, FiniteFloat]


class Failed(_Frame):
    """It cannot be done, for a reason that lies in the model or the installation."""

    frame: Literal["failed"] = "failed"
    code: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,60}$")]
    detail: ShortText


Frame = Resolved | Planned | Stage | Batch | Done | Failed
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
