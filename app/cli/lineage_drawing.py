"""A graph of descent as text: a model at the root, its parents or its children below it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.tree import Tree

from app.cli.console import shown

STYLES = {"supported": "", "contradicted": "red", "undecided": "yellow"}
AGAINST = {"dates": "but released earlier", "circle": "in a circle"}
Edges = Mapping[str, Sequence[Mapping[str, Any]]]


def draw(model: Mapping[str, Any], edges: Sequence[Mapping[str, Any]], *, upwards: bool) -> Tree:
    """Draw the edges from a model on: to its parents `upwards`, else to its children.

    What lies beyond a model is drawn where it is first met: so a merge is drawn once, and a circle
    ends.
    """
    near, far = ("child", "parent") if upwards else ("parent", "child")
    root = Tree(shown(model["name"], "bold"))
    grow(root, model["id"], by_end(edges, near), far, {model["id"]})
    return root


def by_end(edges: Sequence[Mapping[str, Any]], near: str) -> Edges:
    """The edges of each model at their `near` end."""
    following: dict[str, list[Mapping[str, Any]]] = {}
    for edge in edges:
        following.setdefault(edge[near]["id"], []).append(edge)
    return following


def grow(root: Tree, identity: str, following: Edges, far: str, drawn: set[str]) -> None:
    """Draw all that edges lead to below a node, and note in `drawn` who has been drawn.

    Depth first, and without recursion: a line of descent is as long as it is.
    """
    waiting = [(root, iter(following.get(identity, ())))]
    while waiting:
        node, edges = waiting[-1]
        edge = next(edges, None)
        if edge is None:
            waiting.pop()
            continue
        other = edge[far]
        again = other["id"] in drawn and other["id"] in following
        label = f"{other['name']}  {_told(edge)}{'  (see above)' if again else ''}"
        branch = node.add(shown(label, STYLES[edge["support"]]))
        if not again:
            drawn.add(other["id"])
            waiting.append((branch, iter(following.get(other["id"], ()))))


def _told(edge: Mapping[str, Any]) -> str:
    """What an edge says; those of one model's line have a direction and no conflicts."""
    if not edge.get("directed", True):
        return "related; which came first is not known"
    told = edge["kind"] if edge["kind"] == "inferred" else f"declared, {edge['support']}"
    return ", ".join([told, *(AGAINST[one] for one in edge.get("conflicts", ()))])
