"""A tree as nested nodes, our JSON: {"name", "length", "support", ..., "children"}.

Inner nodes have no name and tips no children. A column that the tree lacks is missing in all
nodes: "date" in decimal years, "branches" {name: number}, "family", "traits" {name: word}.
"""

import math
from collections.abc import Mapping

from app.phylo.annotated import Annotated
from app.phylo.formats.columns import date
from app.phylo.formats.nested_json import nested_json


def write(annotated: Annotated) -> str:
    """Return the tree as JSON text, at any depth; what is not known of a node is null."""
    return nested_json(annotated.tree, lambda node: _fields(annotated, node), True)


def _fields(annotated: Annotated, node: int) -> dict[str, object]:
    tree = annotated.tree
    is_tip = node < tree.n_tips
    fields: dict[str, object] = {
        "name": tree.labels[node] if is_tip else None,
        "length": float(tree.lengths[node]),
        "support": None if tree.support is None else _number(tree.support[node]),
    }
    if annotated.dates is not None:
        fields["date"] = date(annotated, node)
    if annotated.branches:
        fields["branches"] = {
            name: _number(column[node]) for name, column in annotated.branches.items()
        }
    if annotated.families:
        fields["family"] = annotated.families[node] or None if is_tip else None
    if annotated.traits:
        fields["traits"] = _traits(annotated.traits, node) if is_tip else {}
    return fields


def _traits(traits: Mapping[str, tuple[str, ...]], tip: int) -> dict[str, str | None]:
    return {name: column[tip] or None for name, column in traits.items()}


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
