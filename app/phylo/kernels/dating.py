"""Least-squares dates under a strict clock, no node younger than its children: an active set.

The unknowns are a rate and, of every node, tau = rate * date. A branch of length l costs
w (l - (tau_child - tau_parent))^2. Where a constraint is active, both ends of a branch share one
tau; a node that shares it with a dated tip is anchored: its tau is rate * the tip's date.
"""

import numpy as np
from numpy.typing import NDArray

from app.phylo.kernels.compiling import compiled

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
B8 = NDArray[np.bool_]

SLACK = 1e-11  # lengths and dates come scaled to about one
NEAR = 1e-9


@compiled
def least_squares_dates(
    parents: I64, lengths: F64, weights: F64, dates: F64, tau: F64, floor: float
) -> tuple[F64, float, bool]:
    """Return (tau of all nodes, rate, whether the optimum was reached).

    `dates` (nodes,) is NaN where not known, which is at all inner nodes; `tau` (nodes,) keeps
    every constraint and fits the rate in its last place, (nodes + 1,). The rate stays at `floor`
    or above. Each step is a few walks over the tree, O(nodes), and there is about one step for
    each branch whose constraint turns active or inactive on the way from `tau`.
    """
    nodes = len(parents)
    active = _touching(parents, dates, tau)
    now, held = tau.copy(), False
    for _ in range(20 * nodes + 100):
        anchor = _anchors(parents, dates, active)
        least = floor if held else np.nan
        best, slope = _free_optimum(parents, lengths, weights, anchor, active, least)
        share, blocking = _longest_step(parents, now, best, active, floor)
        now += share * (best - now)
        if blocking == nodes:
            held = True
            now[nodes] = floor
        elif blocking >= 0:
            active[blocking] = True
        else:
            worst = _worst_multiplier(parents, lengths, weights, dates, active, now)
            if worst >= 0:
                active[worst] = False
            elif held and slope < -SLACK:
                held = False
            else:
                return now[:nodes], now[nodes], True
    return now[:nodes], now[nodes], False


@compiled
def _touching(parents: I64, dates: F64, tau: F64) -> B8:
    """The branches that have no time at the start, less those that would tie a node to two tips."""
    active = np.zeros(len(parents), np.bool_)
    tied = ~np.isnan(dates)
    for node in range(len(parents) - 1):
        parent = parents[node]
        if tau[node] - tau[parent] <= NEAR and not (tied[node] and tied[parent]):
            active[node] = True
            tied[parent] |= tied[node]
    return active


@compiled
def _anchors(parents: I64, dates: F64, active: B8) -> F64:
    """The date of the tip that a node is anchored to, NaN where it is free."""
    anchor = dates.copy()
    root = len(parents) - 1
    for node in range(root):
        if active[node] and not np.isnan(anchor[node]):
            anchor[parents[node]] = anchor[node]
    for node in range(root - 1, -1, -1):
        if active[node]:
            anchor[node] = anchor[parents[node]]
    return anchor


@compiled
def _free_optimum(
    parents: I64, lengths: F64, weights: F64, anchor: F64, active: B8, least: float
) -> tuple[F64, float]:
    """The optimum with the active constraints as equations, and the slope of the cost in the rate.

    The rate stays at `least` unless that is NaN.
    """
    root = len(parents) - 1
    a, b, c, d, e = _costs(parents, lengths, weights, anchor, active)
    rate = -e / max(d, 1e-300) if np.isnan(least) else least
    b *= rate
    b += c
    tau = np.empty(root + 2)
    tau[root + 1] = rate
    tau[root] = -b[root] / a[root] if np.isnan(anchor[root]) else rate * anchor[root]
    for node in range(root - 1, -1, -1):
        above, weight = tau[parents[node]], weights[node]
        if not np.isnan(anchor[node]):
            tau[node] = rate * anchor[node]
        elif active[node]:
            tau[node] = above
        else:
            tau[node] = (weight * (lengths[node] + above) - b[node]) / (a[node] + weight)
    return tau, d * rate + e


@compiled
def _costs(
    parents: I64, lengths: F64, weights: F64, anchor: F64, active: B8
) -> tuple[F64, F64, F64, float, float]:
    """What lies below each free node costs, and what that leaves to the rate alone.

    A free node costs a tau^2 + 2 (b rate + c) tau, beside its share of d rate^2 + 2 e rate; once
    its best tau is put in, it and the branch above cost the same kind of sum of the parent's tau.
    """
    root = len(parents) - 1
    a, b, c = np.zeros(root + 1), np.zeros(root + 1), np.zeros(root + 1)
    d, e = 0.0, 0.0
    for node in range(root):
        parent = parents[node]
        steep, tilt, shift = a[node], b[node], c[node]
        if active[node] and not np.isnan(anchor[node]):
            continue
        if not active[node]:
            length, weight, date = lengths[node], weights[node], anchor[node]
            if np.isnan(date):
                part = weight / (steep + weight)
                d -= tilt * tilt / (steep + weight)
                e += part * length * tilt - tilt * shift / (steep + weight)
                steep, tilt, shift = part * steep, part * tilt, part * (shift + steep * length)
            else:
                d += weight * date * date
                e -= weight * length * date
                steep, tilt, shift = weight, -weight * date, weight * length
        d, e = _hand_up(a, b, c, parent, anchor[parent], (steep, tilt, shift, d, e))
    if np.isnan(anchor[root]):
        d -= b[root] * b[root] / a[root]
        e -= b[root] * c[root] / a[root]
    return a, b, c, d, e


@compiled
def _hand_up(
    a: F64, b: F64, c: F64, parent: int, date: float, cost: tuple[float, float, float, float, float]
) -> tuple[float, float]:
    """Add a cost to that of a free parent, or to the rate's where the parent's date is known."""
    steep, tilt, shift, d, e = cost
    if np.isnan(date):
        a[parent] += steep
        b[parent] += tilt
        c[parent] += shift
        return d, e
    return d + steep * date * date + 2 * tilt * date, e + shift * date


@compiled
def _longest_step(parents: I64, now: F64, best: F64, active: B8, floor: float) -> tuple[float, int]:
    """The share of the way to `best` that keeps all constraints, and which one ends it (-1: none).

    The number of nodes stands for the constraint on the rate.
    """
    nodes = len(parents)
    share, blocking = 1.0, -1
    for node in range(nodes - 1):
        if active[node]:
            continue
        gap = max(now[node] - now[parents[node]], 0.0)
        then = best[node] - best[parents[node]]
        if then < -SLACK and gap < share * (gap - then):
            share, blocking = gap / (gap - then), node
    gap, then = now[nodes] - floor, best[nodes] - floor
    if then < -SLACK and gap < share * (gap - then):
        share, blocking = gap / (gap - then), nodes
    return share, blocking


@compiled
def _worst_multiplier(
    parents: I64, lengths: F64, weights: F64, dates: F64, active: B8, tau: F64
) -> int:
    """The active branch whose ends would rather move apart the most, -1 when there is none."""
    root = len(parents) - 1
    pull = np.zeros(root + 1)  # of a node and all that hangs on it and is free to follow
    tied = ~np.isnan(dates)  # whether a dated tip hangs on it
    for node in range(root):
        force = weights[node] * (lengths[node] - (tau[node] - tau[parents[node]]))
        pull[node] -= force
        pull[parents[node]] += force
        if active[node] and tied[node]:
            tied[parents[node]] = True
        elif active[node]:
            pull[parents[node]] += pull[node]
    outside = np.zeros(root + 1)
    worst, least = -1, -SLACK
    for node in range(root - 1, -1, -1):
        if not active[node]:
            continue
        multiplier = pull[node]
        if tied[node]:
            outside[node] = pull[parents[node]] + outside[parents[node]]
            multiplier = -outside[node]
        if multiplier < least:
            worst, least = node, multiplier
    return worst
