"""Trees as Biopython and DendroPy have read them, turned into ours, names as they were."""

import math

from app.phylo.formats.percent import show
from app.phylo.tree import NO_PARENT, assemble


def from_biopython(root, name=lambda clade: clade.name or "", support=lambda c: c.confidence):
    """The tree below a clade of Biopython's."""
    return _tree(
        root,
        lambda clade: clade.clades,
        lambda clade: None if clade.clades else name(clade),
        lambda clade: clade.branch_length,
        lambda clade: support(clade) if clade.clades else None,
    )


def from_dendropy(root, support=lambda node: node.label):
    """The tree below a node of DendroPy's."""
    return _tree(
        root,
        lambda node: node.child_nodes(),
        lambda node: node.taxon.label if node.is_leaf() else None,
        lambda node: node.edge.length,
        lambda node: None if node.is_leaf() else support(node),
    )


def _tree(root, children, name, length, support):
    names, parents, lengths, shares = [], [], [], []
    stack = [(root, NO_PARENT)]
    while stack:
        node, parent = stack.pop()
        stack.extend((child, len(names)) for child in children(node))
        hidden = name(node)
        names.append(None if hidden is None else show(hidden))
        parents.append(parent)
        lengths.append(0.0 if parent == NO_PARENT else float(length(node)))
        share = support(node)
        shares.append(math.nan if share in (None, "") else float(share))
    known = not all(map(math.isnan, shares))
    return assemble(names, parents, lengths, shares if known else None, "given")
