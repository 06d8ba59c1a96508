"""A leaf: which of the files that somebody names is the lineage, the answers or the probes."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.errors import InputError

ANSWERS = (".jsonl", ".jsonl.gz")
PROBES = (".json",)

# What the verbs that read a lineage have in common.
NamedFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="LINEAGE [ANSWERS PROBES]",
        help="The lineage, .tsv: model, base, parent, relation, released. Answers and their "
        "probes may stand here too, told by their endings.",
        show_default=False,
    ),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of folds and replicates.")]


@dataclass(frozen=True)
class Files:
    """What is evaluated: a lineage, and maybe answers with their probes."""

    lineage: Path
    answers: Path | None
    probes: Path | None


def sort_files(
    named: Iterable[Path], lineage: Path | None, answers: Path | None, probes: Path | None
) -> Files:
    """Give each named file the role that its ending says, beside those given by an option.

    InputError `bad_usage` where a role is taken twice, or no lineage is named.
    """
    roles = {"lineage": lineage, "answers": answers, "probes": probes}
    for file in named:
        role = _role(file)
        if roles[role] is not None:
            raise InputError(
                "bad_usage",
                f"Both {roles[role]} and {file} would be the {role}: answers end in .jsonl or "
                ".jsonl.gz, probes in .json, anything else is a lineage.",
            )
        roles[role] = file
    if roles["lineage"] is None:
        raise InputError(
            "bad_usage", "Name the lineage, a .tsv of model, base, parent, relation and released."
        )
    return Files(roles["lineage"], roles["answers"], roles["probes"])


def _role(file: Path) -> str:
    name = file.name.lower()
    if name.endswith(ANSWERS):
        return "answers"
    return "probes" if name.endswith(PROBES) else "lineage"
