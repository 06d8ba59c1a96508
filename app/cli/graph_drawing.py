"""A derivation graph as text: a tree a family, whoever has no parent at its root."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.tree import Tree

from app.cli.console import shown
from app.cli.lineage_drawing import by_end, grow

Node = Mapping[str, Any]


def draw_families(data: Mapping[str, Any]) -> Iterator[Tree]:
    """The trees of all models that an edge leads to or from; a merge's line is drawn once.

    Without a root, where claims run in a circle, the first of the family will do.
    """
    edges: Sequence[Mapping[str, Any]] = data["edges"]
    following = by_end(edges, "parent")
    children = {edge["child"]["id"] for edge in edges}
    drawn: set[str] = set()
    joined = [one for one in data["models"] if one["model"]["id"] in children | following.keys()]
    roots = [one for one in joined if one["model"]["id"] not in children]
    for one in sorted(roots, key=_order) + joined:
        identity = one["model"]["id"]
        if identity in drawn:
            continue
        drawn.add(identity)
        root = Tree(shown(_label(one), "bold"))
        grow(root, identity, following, "child", drawn)
        yield root


def alone(data: Mapping[str, Any]) -> list[Node]:
    """The models that no edge leads to or from."""
    ends = {edge[end]["id"] for edge in data["edges"] for end in ("child", "parent")}
    return [one for one in data["models"] if one["model"]["id"] not in ends]


def _order(one: Node) -> tuple[int, str]:
    return one["family"], one["released"] or "9999"


def _label(one: Node) -> str:
    told = [one["standing"], *([one["released"]] if one["released"] else [])]
    if not one["fingerprinted"]:
        told.append("never fingerprinted")
    return f"{one['model']['name']}  {', '.join(told)}"
