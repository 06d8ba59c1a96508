"""A leaf: what `genebank doctor` says of one thing."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "warning", "failed"]


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; only `failed` must be mended."""

    name: str
    state: State
    detail: str
