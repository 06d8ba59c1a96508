"""What an encoding process is told by its parent, which it trusts: one JSON line on its input."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class Encoding:
    """Which texts to embed, none of them blank, and with which encoder.

    `private` is where the encoder's files are laid out, a folder that does not exist yet.
    """

    directory: str
    digest: str
    private: str
    texts: tuple[str, ...]
    confinement_required: bool

    def to_line(self) -> bytes:
        """One JSON line, with its end."""
        return json.dumps({"encode": asdict(self)}).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self | None:
        """Read what `to_line` wrote; None when the line assigns something else."""
        values = json.loads(line).get("encode")
        return None if values is None else cls(**{**values, "texts": tuple(values["texts"])})
