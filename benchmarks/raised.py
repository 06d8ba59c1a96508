"""A nursery on disk, raised once and kept under var/: small real models of known descent."""

import csv
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nursery
from app.errors import SetupError
from benchmarks.figures import say
from benchmarks.groups import Options
from nursery.recipes import plan

KEPT = Path("var/bench")


@dataclass(frozen=True)
class Nursery:
    """The folder of the models, their parents by name, and the look-alikes among them.

    Models of one value in `lookalikes` have founders of the same architecture, tokenizer and
    texts: often the same founder, and else no relatives however alike they are.
    """

    folder: Path
    parents: Mapping[str, Sequence[str]]
    lookalikes: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """All models, parents before children."""
        return list(self.parents)


def raised(options: Options) -> Nursery:
    """Return the nursery of the options, raising it when this version of it is not there yet."""
    folder = KEPT.absolute() / f"nursery-{options.size}-{options.seed}-{_version()}"
    if not folder.exists():
        _raise(folder, options)
    recipes = {recipe.name: recipe for recipe in plan(options.size, options.seed)}
    founders = {name: recipes[recipe.base] for name, recipe in recipes.items()}
    return Nursery(
        folder=folder,
        parents=_parents(folder / "lineage.tsv"),
        lookalikes={name: f"{one.body} {one.world}" for name, one in founders.items()},
    )


def _raise(folder: Path, options: Options) -> None:
    """In a process of its own: no process holds torch and the rest of Genebank."""
    say(f"raising a nursery in {folder}")
    for old in folder.parent.glob(f"{folder.name.rpartition('-')[0]}-*"):
        shutil.rmtree(old)  # of another version, or never finished
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True)
    words = [str(partial), "--seed", str(options.seed), "--size", options.size]
    done = subprocess.run([sys.executable, "-m", "nursery", *words], check=False, stdout=sys.stderr)
    if done.returncode:
        raise SetupError("program_failed", f"The nursery was not raised in {partial}: look there.")
    partial.rename(folder)


def _version() -> str:
    """Short digest of the nursery's own program: another program raises other models."""
    sources = sorted(Path(nursery.__path__[0]).glob("*.py"))
    text = b"".join(source.read_bytes() for source in sources)
    return hashlib.sha256(text).hexdigest()[:8]


def _parents(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["model"]: [one for one in row["parent"].split(",") if one] for row in rows}
