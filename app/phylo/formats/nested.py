"""A tree as nested nodes, the JSON form: {"name", "length", "support", "children"}.

Inner nodes have no name and tips no children. Python's json and pydantic recurse and give up
some hundred levels down; `to_json` does not.
"""

import json
import math
from typing import Any

from app.phylo.tree import Tree, walk


def to_dict(tree: Tree) -> dict[str, Any]:
    """Return the root as nested dicts; deep trees are safe here but not in `json.dumps`."""
    nodes: list[dict[str, Any]] = [
        {**_own_fields(tree, node), "children": []} for node in range(tree.n_nodes)
    ]
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        nodes[parent]["children"].append(nodes[node])
    return nodes[tree.root]


def to_json(tree: Tree) -> str:
    """Return `to_dict` as JSON text, at any depth."""
    below = tree.children()
    last = {children[-1] for children in below if children}
    parts: list[str] = []
    for node, entering in walk(below, tree.root):
        if entering:
            fields = json.dumps(_own_fields(tree, node), ensure_ascii=False)
            parts.append(f'{fields[:-1]}, "children": [')
        else:
            parts.append("]}" if node in last or node == tree.root else "]}, ")
    return "".join(parts)


def _own_fields(tree: Tree, node: int) -> dict[str, Any]:
    support = math.nan if tree.support is None else float(tree.support[node])
    return {
        "name": tree.labels[node] if node < tree.n_tips else None,
        "length": float(tree.lengths[node]),
        "support": None if math.isnan(support) else support,
    }
