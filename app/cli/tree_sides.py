"""What a comparison of trees is given: a protocol's tree, a file's, or a lineage."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.errors import InputError

if TYPE_CHECKING:
    from app.phylo.tree import Tree

LINEAGE = ".tsv"
NEWICK = (".nwk", ".newick", ".tree", ".tre")


@dataclass(frozen=True)
class Side:
    """A word of the command line, and what it names."""

    word: str
    kind: Literal["protocol", "newick", "lineage"]


def side_of(word: str) -> Side:
    """Tell a lineage and Newick by their endings, or an existing file; else it is a protocol."""
    if word.lower().endswith(LINEAGE):
        return Side(word, "lineage")
    is_file = word.lower().endswith(NEWICK) or Path(word).is_file()
    return Side(word, "newick" if is_file else "protocol")


def tree_of(side: Side, server: str | None, chosen: Sequence[str]) -> "Tree":
    """The tree of a file, or of a protocol as the registry draws it.

    Raises InputError `unreadable_file`, or what is wrong with the Newick, and what asking raises.
    """
    from app.cli.client import connect
    from app.phylo.formats.newick import read

    if side.kind == "newick":
        return _read(Path(side.word))
    with connect(server) as client:
        answer = client.get("/v1/tree", protocol=side.word, model=list(chosen) or None)
    return read(answer.data["newick"])


def _read(path: Path) -> "Tree":
    from app.phylo.formats.newick import read

    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError("bad_newick", f"{path} is no UTF-8 text.") from error
    except InputError as error:
        raise InputError(error.code, f"{path}: {error.detail}") from error
