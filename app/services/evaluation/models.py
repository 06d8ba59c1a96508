"""What is evaluated: models under one protocol, with what a lineage file says of each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol
from app.errors import InputError
from app.evaluation.lineage_file import LineageRow, parse_lineage

# Standings of all pairs are held at once: more models than these would need gigabytes.
MOST_MODELS = 4000
MOST_LISTED = 10

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Lineage:
    """A lineage file that was read."""

    path: Path
    rows: tuple[LineageRow, ...]


@dataclass(frozen=True, eq=False)
class Models:
    """Models under one protocol: those of a lineage, and maybe others of which it says nothing.

    `strands` (n, n_probes, width); equal `keys` are equal models. `left_out` are the names of the
    lineage for which there is nothing, `warnings` say why.
    """

    protocol: Protocol
    rows: tuple[LineageRow, ...]
    keys: tuple[str, ...]
    strands: npt.NDArray[np.floating]
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def keep(self, chosen: Sequence[int]) -> "Models":
        """The models of these places, in this order."""
        if list(chosen) == list(range(len(self.rows))):
            return self  # strands are large: no second copy of all
        return replace(
            self,
            rows=tuple(self.rows[index] for index in chosen),
            keys=tuple(self.keys[index] for index in chosen),
            strands=self.strands[list(chosen)],
        )


def read_lineage(path: Path) -> Lineage:
    """Read a lineage file; InputError `unreadable_file`, `bad_lineage`."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    return Lineage(path, parse_lineage(data))


def require_some(named: Collection[object], lineage: Lineage, warnings: tuple[str, ...]) -> None:
    """InputError `no_models` unless some models of a lineage are there."""
    if not named:
        why = " ".join(warnings) or "It names no model."
        raise InputError(
            "no_models", f"No model of {lineage.path.name} is there to be evaluated. {why}"
        )


def require_few(n_models: int) -> None:
    """InputError `too_many_models` above MOST_MODELS."""
    if n_models > MOST_MODELS:
        raise InputError(
            "too_many_models",
            f"An evaluation takes at most {MOST_MODELS:,} models: leave some out.",
        )


def unknown_models(names: Sequence[str], near: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """A sentence on names that mean nothing, if any; `near` are names like the first ones."""
    told = [
        f"{name} (did you mean {' or '.join(some)}?)" if some else name
        for name, some in zip(names[:MOST_LISTED], near, strict=True)
    ]
    return _left_out(names, told, "unknown")


def models_without_entry(names: Sequence[str], protocol: Protocol) -> tuple[str, ...]:
    """A sentence on models that have no entry, if any."""
    return _left_out(names, names[:MOST_LISTED], f"without an entry under {protocol.name}")


def _left_out(names: Sequence[str], told: Sequence[str], why: str) -> tuple[str, ...]:
    if not names:
        return ()
    models = "model" if len(names) == 1 else "models"
    more = f" and {len(names) - len(told):,} more" if len(names) > len(told) else ""
    return (f"Left out: {len(names):,} {models} {why}: {', '.join(told)}{more}.",)
