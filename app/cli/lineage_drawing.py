"""A graph of descent as text: a model at the root, its parents or its children below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.tree import Tree

from app.cli.console import shown

STYLES = {"supported": "", "contradicted": "red", "undecided": "yellow"}
Edges = Mapping[str, Sequence[Mapping[str, Any]]]


def draw(model: Mapping[str, Any], edges: Sequence[Mapping[str, Any]], *, upwards: bool) -> Tree:
    """Draw the edges from a model on: to its parents `upwards`, else to its children.

    What lies beyond a model is drawn where it is first met: so a merge is drawn once, and a circle
    ends.
    """
    near, far = ("child", "parent") if upwards else ("parent", "child")
    following: dict[str, list[Mapping[str, Any]]] = {}
    for edge in edges:
        following.setdefault(edge[near]["id"], []).append(edge)
    root = Tree(shown(model["name"], "bold"))
    _grow(root, model["id"], far, following, {model["id"]})
    return root


def _grow(node: Tree, identity: str, far: str, following: Edges, drawn: set[str]) -> None:
    for edge in following.get(identity, ()):
        other = edge[far]
        again = other["id"] in drawn and other["id"] in following
        told = edge["kind"] if edge["kind"] == "inferred" else f"declared, {edge['support']}"
        label = f"{other['name']}  {told}{'  (see above)' if again else ''}"
        branch = node.add(shown(label, STYLES[edge["support"]]))
        if not again:
            drawn.add(other["id"])
            _grow(branch, other["id"], far, following, drawn)
