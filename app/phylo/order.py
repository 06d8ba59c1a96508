"""In which order the tips of a tree are drawn."""

from app.phylo.tree import Tree, walk


def small_first(tree: Tree) -> list[list[int]]:
    """Children of every node, the smaller clades first, ties by their first tip."""
    size = [(1, tip) for tip in tree.tips] + [(0, tree.n_tips)] * (tree.n_nodes - tree.n_tips)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        size[parent] = (size[parent][0] + size[node][0], min(size[parent][1], size[node][1]))
    return [sorted(children, key=size.__getitem__) for children in tree.children()]


def drawn_order(tree: Tree, below: list[list[int]]) -> list[int]:
    """The tips in the order in which a walk over the children `below` meets them."""
    return [node for node, entering in walk(below, tree.root) if entering and node < tree.n_tips]
