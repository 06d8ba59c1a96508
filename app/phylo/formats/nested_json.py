"""A leaf: JSON of nodes within nodes, at any depth.

Python's json and pydantic recurse, and give up some hundred levels down.
"""

import json
from collections.abc import Callable, Mapping

from app.phylo.tree import Tree, walk


def nested_json(
    tree: Tree, fields: Callable[[int], Mapping[str, object]], tips_have_children: bool
) -> str:
    """Return the root as JSON: the `fields` of each node, at least one, and its "children".

    `tips_have_children` says whether the empty list of a tip is written.
    """
    below = tree.children()
    first = {children[0] for children in below if children} | {tree.root}
    parts: list[str] = []
    for node, entering in walk(below, tree.root):
        if entering:
            parts.append("" if node in first else ", ")
            parts.append(json.dumps(fields(node), ensure_ascii=False)[:-1])
            parts.append(', "children": [' if below[node] or tips_have_children else "")
        else:
            parts.append("]}" if below[node] or tips_have_children else "}")
    return "".join(parts)
