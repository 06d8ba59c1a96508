"""Which groups of figures there are; each is a generator of figures, imported on demand."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.errors import NotFoundError
from app.store.near import near_names
from benchmarks.figures import Figure


@dataclass(frozen=True)
class Options:
    """What is measured on: the folder of a set of answers, and which nursery.

    `models` is how many there are where a registry grows, in place of what `size` says.
    """

    data: Path | None = None
    size: Literal["tiny", "small", "large"] = "small"
    seed: int = 1
    models: int | None = None


Group = Callable[[Options], Iterator[Figure]]

GROUPS = {
    "encode": "benchmarks.encode:figures",
    "import": "benchmarks.importing:figures",
    "bulk": "benchmarks.bulk:figures",
    "api": "benchmarks.api:figures",
    "scale": "benchmarks.scale:figures",
    "evaluate": "benchmarks.evaluation:figures",
    "nursery": "benchmarks.nursery:figures",
    "trees": "benchmarks.trees:figures",
    "extract": "benchmarks.extract:figures",  # last: without a network it ends in an error
}


def find(name: str) -> Group:
    """Return a group by its name; NotFoundError `no_such_group` with near names."""
    if name not in GROUPS:
        near = near_names(name, GROUPS)
        raise NotFoundError("no_such_group", f"No group is named {name!r}: {_hint(near)}", near)
    module, _, function = GROUPS[name].partition(":")
    group: Group = getattr(importlib.import_module(module), function)
    return group


def _hint(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(GROUPS)}."
