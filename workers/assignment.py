"""What a job's process is told by its parent, which it trusts: two JSON lines on its input."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

from app.dna.protocol import Protocol, ResponseKind


@dataclass(frozen=True)
class Assignment:
    """First line: which directory to check, and within what limits.

    `base_directory` holds the model that an adapter adapts, and is None for a whole model.
    """

    directory: str
    revision: str
    base_directory: str | None
    private: str
    max_weight_bytes: int
    memory_mb: int
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
    """The items of one protocol, and which of them were answered before.

    `replicate` is 0 for the entry itself, else the number of the run that repeats it.
    """

    protocol: str
    response: ResponseKind
    probes: tuple[str, ...]
    draws: int
    generation: dict[str, str | int]
    answered: tuple[int, ...]
    replicate: int = 0

    @classmethod
    def of(cls, protocol: Protocol, answered: tuple[int, ...], replicate: int = 0) -> Self:
        """The questions of a protocol."""
        return cls(
            protocol=protocol.digest,
            response=protocol.response,
            probes=protocol.probe_set.probes,
            draws=protocol.draws,
            generation=protocol.generation_settings,
            answered=answered,
            replicate=replicate,
        )

    @cached_property
    def items(self) -> list[str]:
        """What is put to the model: each probe as often as it is drawn."""
        return [probe for probe in self.probes for _ in range(self.draws)]

    def seeds(self, items: Sequence[int]) -> list[int]:
        """The seed of each item, 0 to 2^53 - 1: the same in every run but for a replicate's."""
        return [self._seed(item) for item in items]

    def _seed(self, item: int) -> int:
        text = f"{self.generation.get('seed', 0)}:{self.replicate}:{item}"
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        return int.from_bytes(digest, "little") >> 11


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
