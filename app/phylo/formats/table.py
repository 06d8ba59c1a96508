"""The formats that a tree is written in, by name."""

from collections.abc import Callable
from typing import NamedTuple

from app.errors import InputError
from app.phylo.annotated import Annotated
from app.phylo.formats import auspice, nested, newick, nexml, nexus, phyloxml, splits_csv


class Format(NamedTuple):
    """One way to write a tree; `extension` has its dot."""

    media_type: str
    extension: str
    write: Callable[[Annotated], str]


def _newick(annotated: Annotated) -> str:
    return newick.write(annotated.tree) + "\n"


FORMATS: dict[str, Format] = {
    "json": Format("application/json", ".json", nested.write),
    "newick": Format("text/plain", ".nwk", _newick),
    "nexus": Format("text/plain", ".nex", nexus.write),
    "phyloxml": Format("application/xml", ".phyloxml", phyloxml.write),
    "nexml": Format("application/xml", ".nexml", nexml.write),
    "auspice": Format("application/json", ".auspice.json", auspice.write),
    "splits": Format("text/csv", ".csv", splits_csv.write),
}


def named(name: str) -> Format:
    """Return a format by its name; InputError `unknown_format` says which there are."""
    if name not in FORMATS:
        raise InputError("unknown_format", f"Choose a format of {', '.join(FORMATS)}.")
    return FORMATS[name]
