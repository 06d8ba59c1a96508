"""Balanced minimum evolution: mean distances between subtrees, and exchanges of neighbours.

After Desper and Gascuel (2002). The mean distance between two subtrees gives each half of a
subtree the same weight, whatever its number of tips. A tree has n tips 0 ... n - 1, inner nodes
with two children and a root with three, the last of its nodes; `children` is (nodes, 3), -1
where there is none.
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WORTH = 1e-12  # of the tree's length: less than this is rounding, and might go on for ever
AB, CD, AC, BD, AD, BC = range(6)


@compiled
def exchange(distances: Floats, children: Ints, lengths: Floats) -> float:
    """Exchange neighbours, in place, until none shortens the tree; returns its length.

    Round by round: of all exchanges that would shorten the tree, those that touch different
    nodes are made together, the best first. They are judged apart, so together they may gain
    less; where the tree did not become shorter only the better half of them is made, at last
    the best alone, whose gain is exact. Fills in `lengths` (nodes,), which may be negative.
    Time O(n^2) a round and 32 n^2 bytes.
    """
    length, quartets = measure(distances, children, lengths)
    while True:
        chosen = worthwhile(children, quartets, WORTH * abs(length))
        count = len(chosen)
        while count > 0:
            swap(children, quartets, chosen[:count])
            new_length, new_quartets = measure(distances, children, lengths)
            if new_length < length:
                break
            swap(children, quartets, chosen[:count])  # and back: the same neighbours
            count //= 2
        if count == 0:
            return measure(distances, children, lengths)[0]
        length, quartets = new_length, new_quartets


@compiled
def measure(distances: Floats, children: Ints, lengths: Floats) -> tuple[float, Floats]:
    """Fill in the balanced lengths of all branches; return their sum and all quartets' means.

    quartets: (nodes, 6), of each branch between inner nodes the mean distances between the four
    subtrees around it: A and B below it; beside it C, and D, which is all the rest.
    """
    n, nodes = len(distances), len(children)
    order = downward(children)
    means = between_subtrees(distances, children, order)
    quartets = np.full((nodes, 6), np.nan)
    for node in order:
        if node >= n:
            quartets_below(means, children, node, quartets, lengths)
            turn_upward(means, children, node)
    lengths[nodes - 1] = 0.0
    return lengths.sum(), quartets


@compiled
def downward(children: Ints) -> Ints:
    """Return all nodes, parents before children."""
    nodes = len(children)
    order = np.empty(nodes, np.int64)
    order[0] = nodes - 1
    count = 1
    for place in range(nodes):
        for child in children[order[place]]:
            if child >= 0:
                order[count] = child
                count += 1
    return order


@compiled
def between_subtrees(distances: Floats, children: Ints, order: Ints) -> Floats:
    """Return the mean distance between the tips below two nodes, (nodes, nodes).

    It says nothing where one of the two is below the other.
    """
    n, nodes = len(distances), len(children)
    means = np.zeros((nodes, nodes))
    for tip in range(n):
        row = means[tip]
        row[:n] = distances[tip]
        for node in order[::-1]:
            if n <= node < nodes - 1:
                row[node] = (row[children[node, 0]] + row[children[node, 1]]) / 2
    for node in order[::-1]:
        if n <= node < nodes - 1:
            means[node] = (means[children[node, 0]] + means[children[node, 1]]) / 2
    return means


@compiled
def turn_upward(means: Floats, children: Ints, node: int) -> None:
    """Turn the rows of a node's children: from what is below them to all the rest.

    The row of the node itself was turned before, that of the root says nothing.
    """
    a, b, c = children[node]
    rest = means[node] if c < 0 else means[c]
    for k in range(len(means)):
        below_a, below_b, other = means[a, k], means[b, k], rest[k]
        means[a, k] = (below_b + other) / 2
        means[b, k] = (below_a + other) / 2
        if c >= 0:
            means[c, k] = (below_a + below_b) / 2


@compiled
def quartets_below(
    means: Floats, children: Ints, node: int, quartets: Floats, lengths: Floats
) -> None:
    """Measure the branches to a node's children, whose own rows are still of what is below."""
    for place in range(3):
        child = children[node, place]
        if child < 0:
            continue
        c = children[node, 1 if place == 0 else 0]
        d = children[node, 2] if place < 2 else children[node, 1]
        rest = means[node] if d < 0 else means[d]
        a, b = children[child, 0], children[child, 1]
        if a < 0:
            lengths[child] = (means[child, c] + rest[child] - rest[c]) / 2
            continue
        here = quartets[child]
        here[AB], here[CD] = means[a, b], rest[c]
        here[AC], here[BC] = means[a, c], means[b, c]
        here[AD], here[BD] = rest[a], rest[b]
        across = here[AC] + here[AD] + here[BC] + here[BD]
        lengths[child] = across / 4 - (here[AB] + here[CD]) / 2


@compiled
def worthwhile(children: Ints, quartets: Floats, least: float) -> Ints:
    """Return the branches whose exchange gains more than `least`, no two with a common node.

    The best come first. A branch is told by the node below it.
    """
    nodes, parents = len(children), above_each(children)
    gains = np.zeros(nodes)
    for node in range(nodes - 1):
        if children[node, 0] >= 0:
            here = quartets[node]
            gains[node] = (here[AB] + here[CD]) / 4 - min(
                here[AC] + here[BD], here[AD] + here[BC]
            ) / 4
    taken, chosen, count = np.zeros(nodes, np.bool_), np.empty(nodes, np.int64), 0
    for node in np.argsort(-gains):
        if gains[node] <= least:
            break
        if not (taken[node] or taken[parents[node]]):
            taken[node] = taken[parents[node]] = True
            chosen[count] = node
            count += 1
    return chosen[:count]


@compiled
def swap(children: Ints, quartets: Floats, chosen: Ints) -> None:
    """Exchange B (or A, where that is better) below each chosen branch with C beside it.

    A second call with the same arguments undoes the first.
    """
    parents = above_each(children)
    for node in chosen:
        above, here = parents[node], quartets[node]
        lower = 1 if here[AC] + here[BD] < here[AD] + here[BC] else 0
        upper = 1 if children[above, 0] == node else 0
        moved = children[node, lower]
        children[node, lower], children[above, upper] = children[above, upper], moved


@compiled
def above_each(children: Ints) -> Ints:
    """Return the parent of every node, -1 at the root."""
    parents = np.full(len(children), -1)
    for node in range(len(children)):
        for child in children[node]:
            if child >= 0:
                parents[child] = node
    return parents
