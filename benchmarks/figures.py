"""A leaf: one measured figure, as a line of JSON on standard output; words go to standard error."""

import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import app

DIGITS = 5


@dataclass(frozen=True)
class Figure:
    """A value with its unit, and in `measured_on` whatever one must know to compare it."""

    bench: str
    value: float
    unit: str
    measured_on: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """One line of JSON, which also says on what machine and with what versions."""
        facts = {"bench": self.bench, "value": self.value, "unit": self.unit}
        return json.dumps(_rounded({**facts, **self.measured_on, **machine()}))


def machine() -> dict[str, Any]:
    """The cores that this process may use, and the versions that matter everywhere."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "genebank": app.__version__,
    }


def emit(figures: Iterable[Figure]) -> None:
    """Print figures as they come."""
    for figure in figures:
        sys.stdout.write(figure.line() + "\n")
        sys.stdout.flush()


def say(text: str) -> None:
    """Tell people what is going on."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _rounded(value: Any) -> Any:
    """Floats to a few digits, however deep: more would be noise."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
