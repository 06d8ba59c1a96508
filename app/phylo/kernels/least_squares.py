"""The branch of a tree on which a new tip fits best, tried branch by branch."""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@compiled
def best_place(
    parents: I64, lengths: F64, tips: I64, distances: F64, weights: F64
) -> tuple[int, float, float, float]:
    """Return (node, above, pendant, error): see `app.phylo.placement.Standing.place`.

    `parents` (nodes,) children before parents, the root last; `lengths` (nodes,); `tips`,
    `distances`, `weights` (m,). A tip's residual at a point of the tree is its distance less its
    path to that point. For the tips below each node, and for all the others, the kernel holds
    three sums of the residuals r there: w, w r, w r^2; along a branch all of a side's residuals
    change alike, so the sums at its other end follow from them. Error is the sum of w r^2 that
    remains. Node is -1 where no branch has given tips on both sides.
    """
    nodes = len(parents)
    counts = np.zeros(nodes, np.int64)
    below = np.zeros((nodes, 3))
    for given in range(len(tips)):
        tip, r, w = tips[given], distances[given], weights[given]
        counts[tip] += 1
        below[tip, 0] += w
        below[tip, 1] += w * r
        below[tip, 2] += w * r * r
    for node in range(nodes - 1):
        if counts[node] > 0:
            parent, length = parents[node], lengths[node]
            w, wr, wrr = below[node, 0], below[node, 1], below[node, 2]
            counts[parent] += counts[node]
            below[parent, 0] += w
            below[parent, 1] += wr - length * w
            below[parent, 2] += wrr - 2 * length * wr + length * length * w
    every = below.copy()  # of all tips, as seen from each node; at the root they are all below
    best, best_above, best_pendant, best_error = -1, 0.0, 0.0, np.inf
    for node in range(nodes - 2, -1, -1):
        if counts[node] == 0:
            continue
        parent, length = parents[node], lengths[node]
        w, wr, wrr = below[node, 0], below[node, 1], below[node, 2]
        # The others from the parent, and then from the node itself.
        v = every[parent, 0] - w
        vr = every[parent, 1] - (wr - length * w)
        vrr = every[parent, 2] - (wrr - 2 * length * wr + length * length * w)
        vrr += length * length * v - 2 * length * vr
        vr -= length * v
        every[node, 0], every[node, 1], every[node, 2] = w + v, wr + vr, wrr + vrr
        if counts[node] < len(tips):
            above, pendant = _on_branch(w, wr / w, v, vr / v, length)
            down, up = above + pendant, pendant - above
            error = wrr - 2 * down * wr + down * down * w + vrr - 2 * up * vr + up * up * v
            if error < best_error:
                best, best_above, best_pendant, best_error = node, above, pendant, error
    return best, best_above, best_pendant, best_error


@compiled
def _on_branch(w: float, down: float, v: float, up: float, length: float) -> tuple[float, float]:
    """Least w (above + pendant - down)^2 + v (pendant - above - up)^2 that a branch allows."""
    above, pendant = (down - up) / 2, (down + up) / 2
    if 0 <= above <= length and pendant >= 0:
        return above, pendant
    # The least of a convex function lies on one of the three edges of what is allowed.
    least = np.inf
    for edge in range(3):
        if edge == 2:
            y = 0.0
            x = min(max((w * down - v * up) / (w + v), 0.0), length)
        else:
            x = length * edge
            y = max((w * (down - x) + v * (up + x)) / (w + v), 0.0)
        off = w * (x + y - down) ** 2 + v * (y - x - up) ** 2
        if off < least:
            least, above, pendant = off, x, y
    return above, pendant
