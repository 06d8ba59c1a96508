"""Neighbour joining (Saitou and Nei 1987; Studier and Keppler 1988), exact and compiled.

scikit-bio is not used here but judges this file in the tests: importing it takes seconds and
loads torch wherever torch is installed, and the web process must stay free of both.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.phylo.checked import checked
from app.phylo.tree import NO_PARENT, Tree


def neighbour_joining(
    distances: NDArray[np.float64], labels: Sequence[str], *, overwrite: bool = False
) -> Tree:
    """Return the unrooted neighbour-joining tree of n tips; tip i is row i, labels may repeat.

    `distances` is (n, n) float64: symmetric, finite, not negative, zero diagonal. Space 8 n^2
    bytes: a copy of the matrix, or with `overwrite` the matrix itself (contiguous and
    writable), which then holds nothing of use any more. Time nearly O(n^2) for distances of
    things that descend from each other, O(n^3) at worst (most pairs tie). No recursion.

    Returns every additive tree exactly; where distances are not additive the least-squares
    branch lengths may fall below zero, and those are set to zero without moving the difference
    to a neighbour (scikit-bio does the same), so path lengths are then too long.

    The tree is that of scikit-bio 0.7.4 `nj` on x86-64, joins in the same order, lengths equal
    to the last bit, whatever the distances: noisy, additive or tied. Among pairs that tie in
    rounded numbers the one with the lowest rows is joined, where a joined node has the lower
    row of its two and the last row fills the gap: only then does the order of the rows matter.
    The root is the last join (three branches; two for n = 2).

    Raises InputError `bad_distances`.
    """
    n = len(labels)
    work = checked(distances, n, overwrite=overwrite)
    parents = np.full({1: 1, 2: 3}.get(n, 2 * n - 2), NO_PARENT, dtype=np.int64)
    lengths = np.zeros(len(parents))
    if n == 2:
        parents[:2], lengths[:2] = 2, work[0, 1] / 2
    elif n > 2:
        from app.phylo.kernels.joining import join

        join(work, parents, lengths)
    return Tree(tuple(labels), parents, np.maximum(lengths, 0.0), rooting="unrooted")
