"""Outgroup rooting: the root lies on the branch that parts named tips from all others."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from app.errors import InputError
from app.phylo.minimum_variance import best_place, least, mean_depth
from app.phylo.rooting import root_on
from app.phylo.tip_sums import spread, tip_sums
from app.phylo.tree import Tree

MOST_NAMED = 5


def by_outgroup(tree: Tree, names: Sequence[str]) -> tuple[Tree, dict[str, float]]:
    """Root on the branch between the named tips and the rest; time O(nodes).

    The names may stand on either side of the present root. Where on the branch is not known from
    an outgroup: it is the point at which root-to-tip distances vary least. Fit: `cv`, their
    standard deviation divided by their mean, left out where there is no length.
    Raises InputError `bad_outgroup`: a name that no tip or several tips have, all tips, or tips
    that no branch parts from the others.
    """
    inside = _named(tree, names)
    node = _branch(tree, inside)
    everyone = np.ones(tree.n_tips, dtype=np.bool_)
    sums = tip_sums(tree, everyone, np.empty((tree.n_tips, 0)))
    x, values = least(spread(sums), tree.lengths)
    # A root with two children has two branches with this one split; either half may be better.
    halves = np.zeros(tree.n_nodes, dtype=np.bool_)
    halves[node] = True
    around = np.flatnonzero(tree.parents == tree.root)
    if len(around) == 2 and node in around:
        halves[around] = True
    place = best_place(tree, x, values, halves)
    mean = mean_depth(sums.far, sums.below, sums.n, place)
    fit = {"cv": float(np.sqrt(place.value / sums.n)) / mean} if mean > 0 else {}
    return root_on(tree, place.node, place.above, "outgroup"), fit


def _named(tree: Tree, names: Sequence[str]) -> frozenset[int]:
    """The tips of the names."""
    counts = Counter(tree.labels)
    for name in names:
        if counts[name] != 1:
            what = "names several tips" if counts[name] else "names no tip of this tree"
            raise InputError("bad_outgroup", f"{name!r} {what}: name tips that are there once.")
    wanted = set(names)
    inside = frozenset(tip for tip, label in enumerate(tree.labels) if label in wanted)
    if not 0 < len(inside) < tree.n_tips:
        raise InputError("bad_outgroup", "Name at least one tip as outgroup, and not all of them.")
    return inside


def _branch(tree: Tree, inside: frozenset[int]) -> int:
    """The node whose branch has exactly these tips on one side."""
    within, size = np.zeros(tree.n_nodes), np.zeros(tree.n_nodes)
    within[list(inside)] = 1
    size[: tree.n_tips] = 1
    for node, parent in enumerate(tree.parents[:-1].tolist()):
        within[parent] += within[node]
        size[parent] += size[node]
    # Tips on the wrong side, if the outgroup is what lies below, or what lies above.
    wrong = len(inside) - within + (size - within)
    wrong = np.minimum(wrong, tree.n_tips - wrong)
    wrong[tree.root] = np.inf
    node = int(wrong.argmin())
    if wrong[node]:
        raise _not_apart(tree, node, inside)
    return node


def _not_apart(tree: Tree, node: int, inside: frozenset[int]) -> InputError:
    below = np.zeros(tree.n_nodes, dtype=np.bool_)
    below[node] = True
    for one in range(node - 1, -1, -1):
        below[one] = below[tree.parents[one]]
    odd = [tip for tip in tree.tips if below[tip] != (tip in inside)]
    if len(odd) > tree.n_tips / 2:
        odd = [tip for tip in tree.tips if tip not in set(odd)]
    shown = ", ".join(repr(tree.labels[tip]) for tip in odd[:MOST_NAMED])
    more = f" and {len(odd) - MOST_NAMED} more" if len(odd) > MOST_NAMED else ""
    return InputError(
        "bad_outgroup",
        "No branch of the tree parts this outgroup from all other tips. The nearest to it differs "
        f"by {shown}{more}: add or leave out these.",
    )
