"""Where a tree is rooted: midpoint rooting, and hanging a tree from any point on a branch."""

import math
from dataclasses import replace

from app.phylo.tree import NO_PARENT, Tree, assemble

ROUNDING = 1e-12  # of the length of the tree: nearer than this to a node is at the node


def midpoint(tree: Tree) -> Tree:
    """Root at the middle of the longest path between two tips (Farris 1972); time O(nodes).

    All longest paths of a tree have the same middle, so ties do not matter. It is right when
    all lineages changed at about the same speed. A tree without any length stays as it is.
    """
    low, high = _longest_path(tree)
    longest = low[0] + high[0]
    node, climbed = max(low, high)[1], 0.0
    if longest == 0:
        return replace(tree, rooting="midpoint")
    slack = ROUNDING * longest
    while climbed + tree.lengths[node] < longest / 2 - slack:
        climbed += float(tree.lengths[node])
        node = int(tree.parents[node])
    return hang(tree, node, longest / 2 - climbed, "midpoint")


def hang(tree: Tree, node: int, above: float, rooting: str) -> Tree:
    """Do as `root_above`, but next to an inner node take the node itself, so none is added."""
    slack = ROUNDING * tree.total_length
    if node == tree.root:
        return replace(tree, rooting=rooting)
    if above >= tree.lengths[node] - slack:
        return root_above(tree, int(tree.parents[node]), 0.0, rooting)
    if above <= slack:
        return root_above(tree, node, 0.0, rooting)
    return root_above(tree, node, above, rooting)


def root_above(tree: Tree, node: int, above: float, rooting: str) -> Tree:
    """Hang the tree from the point `above` over `node` on its branch; 0 means the node itself.

    Needs 0 <= above <= lengths[node]; a root at a tip is a new node with the tip at no distance.
    Support stays with its branch; an old root that is left with two branches is dissolved into
    one branch.
    """
    if above > 0 or node < tree.n_tips:
        return root_on(tree, node, above, rooting)
    return _rooted_at(tree, node, None, rooting)


def root_on(tree: Tree, node: int, above: float, rooting: str) -> Tree:
    """Do as `root_above`, but give the root two children, even at an end of the branch."""
    return _rooted_at(tree, node, above, rooting)


def _rooted_at(tree: Tree, node: int, above: float | None, rooting: str) -> Tree:
    """Hang the tree from a node (None), or from a new one above it."""
    names = [*tree.labels, *[None] * (tree.n_nodes - tree.n_tips)]
    parents, lengths = tree.parents.tolist(), tree.lengths.tolist()
    support = [math.nan] * len(parents) if tree.support is None else tree.support.tolist()
    if above is not None:
        names.append(None)
        parents.append(parents[node])
        lengths.append(lengths[node] - above)
        support.append(support[node])
        parents[node], lengths[node] = len(parents) - 1, above
        node = len(parents) - 1
    _turn(node, parents, lengths, support)
    columns = (names, parents, lengths, support)
    if tree.root != node and parents.count(tree.root) == 1:
        _dissolve(tree.root, parents, lengths, support)
        for column in columns:
            del column[tree.root]
        parents = [parent - (parent > tree.root) for parent in parents]
    return assemble(names, parents, lengths, None if tree.support is None else support, rooting)


def _longest_path(tree: Tree) -> tuple[tuple[float, int], tuple[float, int]]:
    """The two arms of the longest path, each as (length from the top of the path, its tip)."""
    reach = [(0.0, tip) for tip in tree.tips]
    reach += [(-math.inf, node) for node in range(tree.n_tips, tree.n_nodes)]
    best = (0.0, tree.root), (0.0, tree.root)
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        below, tip = reach[node]
        arm = (below + float(tree.lengths[node]), tip)
        if arm[0] + reach[parent][0] > best[0][0] + best[1][0]:
            best = reach[parent], arm
        if arm[0] > reach[parent][0]:
            reach[parent] = arm
    return best


def _turn(node: int, parents: list[int], lengths: list[float], support: list[float]) -> None:
    """Make `node` the root: every branch between it and the old root is turned round."""
    below, length, share = NO_PARENT, 0.0, math.nan
    while node != NO_PARENT:
        above = parents[node]
        parents[node], below = below, node
        lengths[node], length = length, lengths[node]
        support[node], share = share, support[node]
        node = above


def _dissolve(node: int, parents: list[int], lengths: list[float], support: list[float]) -> None:
    """Take out a node with one child: its two branches are one branch, with one support."""
    child = parents.index(node)
    parents[child] = parents[node]
    lengths[child] += lengths[node]
    if math.isnan(support[child]):
        support[child] = support[node]
