"""The true genealogy: members of a nursery, and the lineage file that lists them."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nursery.families import Relation
from nursery.recipes import Recipe

COLUMNS = ("model", "base", "parent", "relation", "released")
BETWEEN_PARENTS = ","


@dataclass(frozen=True)
class Member:
    """One raised model: its folder, its founder, its parents (none, one or two) and its age."""

    name: str
    path: Path
    base: str
    parents: tuple[str, ...]
    relation: Relation
    released: str


def member(recipe: Recipe, out: Path) -> Member:
    """Return the member of `out` that `recipe` describes."""
    return Member(
        name=recipe.name,
        path=out / recipe.name,
        base=recipe.base,
        parents=recipe.parents,
        relation=recipe.relation,
        released=recipe.released,
    )


def write_lineage(members: Iterable[Member], path: Path) -> None:
    """Write one tab-separated row a member under COLUMNS.

    A founder's parent is empty, the two parents of a merge are joined by a comma.
    """
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        for one in members:
            parents = BETWEEN_PARENTS.join(one.parents)
            table.writerow((one.name, one.base, parents, one.relation, one.released))
    partial.rename(path)
