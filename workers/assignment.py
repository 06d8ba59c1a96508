"""What a job's process is told by its parent, which it trusts: two JSON lines on its input."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from app.dna.protocol import Protocol, ResponseKind


@dataclass(frozen=True)
class Assignment:
    """First line: which directory to check, and within what limits."""

    directory: str
    revision: str
    private: str
    max_weight_bytes: int
    confinement_required: bool

    def to_line(self) -> bytes:
        """One JSON line, with its end."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what `to_line` wrote."""
        return cls(**json.loads(line))


@dataclass(frozen=True)
class Questions:
    """The probes of one protocol, and which of them were answered before."""

    protocol: str
    response: ResponseKind
    probes: tuple[str, ...]
    generation: dict[str, str | int]
    answered: tuple[int, ...]

    @classmethod
    def of(cls, protocol: Protocol, answered: tuple[int, ...]) -> Self:
        """The questions of a protocol."""
        return cls(
            protocol=protocol.digest,
            response=protocol.response,
            probes=protocol.probe_set.probes,
            generation=protocol.generation_settings,
            answered=answered,
        )


def questions_to_line(questions: list[Questions]) -> bytes:
    """Second line: what to ask; an empty list says that all is known already."""
    return json.dumps([asdict(one) for one in questions]).encode() + b"\n"


def questions_from_line(line: bytes) -> list[Questions]:
    """Read what `questions_to_line` wrote."""
    values: list[dict[str, Any]] = json.loads(line)
    return [
        Questions(
            **{**value, "probes": tuple(value["probes"]), "answered": tuple(value["answered"])}
        )
        for value in values
    ]
