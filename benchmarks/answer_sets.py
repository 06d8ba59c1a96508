"""Sets of answers to measure on: a folder of real ones with their lineage, or made-up ones."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

from app.dna.probes import parse_probe_set
from app.errors import InputError
from benchmarks.figures import say
from benchmarks.groups import Options
from benchmarks.prose import Prose

# Bases that say that nothing is known, or that the model is no single model.
NO_BASE = frozenset({"", "unknown", "ensemble", "adversarial"})


@dataclass(frozen=True)
class Descent:
    """What a lineage file says of one model: the checkpoint at its root, and its parent."""

    base: str
    parent: str

    @property
    def is_known(self) -> bool:
        """Whether the model takes part in scoring."""
        return self.base not in NO_BASE

    @property
    def has_own_parent(self) -> bool:
        """Whether the parent is something more specific than the base checkpoint itself."""
        return self.is_known and self.parent not in ("", self.base)


@dataclass(frozen=True)
class AnswerSet:
    """The files of one set."""

    name: str
    answers: Path
    probes: Path
    lineage: Path

    def descents(self) -> dict[str, Descent]:
        """The lineage file, by model; InputError `unreadable_file`."""
        try:
            with self.lineage.open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                return {row["model"]: Descent(row["base"], row["parent"]) for row in rows}
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise InputError(
                "unreadable_file", f"{self.lineage} must have columns model, base and parent."
            ) from error


def given(options: Options) -> AnswerSet | None:
    """The set in the folder of the options; None, and a word to people, when there is none.

    Raises InputError `incomplete_set` when a file is missing.
    """
    if options.data is None:
        say("left out: give a set of answers with --data DIR (make bench DATA=DIR)")
        return None
    return of_folder(options.data)


def of_folder(folder: Path) -> AnswerSet:
    """The set in a folder; InputError `incomplete_set` when a file is missing."""
    names = ("answers.jsonl.gz", "probes.json", "lineage.tsv")
    answers, probes, lineage = (folder / name for name in names)
    for path in (answers, probes, lineage):
        if not path.is_file():
            raise InputError("incomplete_set", f"{path} is missing: a set has {', '.join(names)}.")
    return AnswerSet(parse_probe_set(probes.read_bytes()).name, answers, probes, lineage)


def made_up(folder: Path, n_models: int, n_probes: int, characters: int) -> AnswerSet:
    """Write a set of unrelated models into a folder."""
    prose = Prose(0)
    paths = [folder / name for name in ("answers.jsonl", "probes.json", "lineage.tsv")]
    answers, probes, lineage = paths
    texts = [prose.text(80) for _ in range(n_probes)]
    probes.write_text(json.dumps({"name": "made-up", "probes": texts}), encoding="utf-8")
    lineage.write_text("model\tbase\tparent\n", encoding="utf-8")
    with answers.open("w", encoding="utf-8") as file:
        for number in range(n_models):
            said = [prose.text(characters) for _ in range(n_probes)]
            file.write(json.dumps({"model": f"model-{number:04d}", "answers": said}) + "\n")
    return AnswerSet("made-up", answers, probes, lineage)
