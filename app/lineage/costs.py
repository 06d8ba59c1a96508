"""What it costs that one member is the parent of another: the less, the likelier.

Costs are sums of negative logarithms, so that the cheapest graph is the likeliest one:

- *nearness*. Changes are of all sizes, from rounding to long training, so the density of parents
  at a distance d is taken as 1 / d: to be farther than the nearest costs log(d / d nearest).
- *direction*. Where nothing says which of two came first, either may be: log 2. Where dates or
  claims say that the child came first there is no edge.
- *naming*. Who is named as a parent, by a claim that behaviour does not contradict or by a merge,
  is one, however near others are.
- *founders*. To have no parent costs more than any parents of all members together: whoever has a
  relative that may have come before him is no founder.

Models that are no relatives by the verdict are joined by no edge unless one declares the other.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from app.lineage.members import Declared, Evidence
from app.lineage.merges import Merges
from app.lineage.siblings import passed_over

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# In the order of `direction.NAMING`; nearness, which is at least 0, comes on top of the last two.
DECLARED, MERGED, EARLIER = 0.01, 0.05, 0.1
UNDIRECTED = EARLIER + float(np.log(2))
# Distances are at least so much, so that they have a logarithm.
LEAST = 1e-9


def parent_costs(
    evidence: Evidence, before: Mask, claims: Mapping[Declared, bool], merges: Merges
) -> F64:
    """The costs (n + 1, n) of each row as the parent of each column; the last is the founders'.

    `before` (n, n) says who is known to have come before whom; `claims` whether each claim is to
    be believed: of a pair that is declared nothing else is inferred.
    """
    nearness = _nearness(_in_their_place(evidence, before))
    related = evidence.related.T
    costs = np.where(related & before, nearness + EARLIER, np.inf)
    open_ = related & ~before & ~before.T
    costs[open_] = nearness[open_] + UNDIRECTED
    for child, parents in merges.items():
        for parent, share in parents.items():
            costs[parent, child] = MERGED - share * DECLARED
    for claim in claims:
        costs[claim.parent, claim.child] = costs[claim.child, claim.parent] = np.inf
    for claim, is_believed in claims.items():
        if is_believed:
            costs[claim.parent, claim.child] = DECLARED
    dearest = np.where(np.isfinite(costs), costs, 0.0).max(axis=0, initial=0.0).sum()
    return np.vstack([costs, np.full(len(before), 1.0 + dearest)])


def likely_earlier(evidence: Evidence, before: Mask) -> dict[int, int]:
    """By child the likeliest parent of those relatives that are known to have come first.

    Nearly always the nearest; but that may be a sibling or an aunt.
    """
    found = {}
    for child in range(len(before)):
        earlier = np.flatnonzero(before[:, child] & evidence.related[child])
        if len(earlier):
            nearest = int(earlier[evidence.distance[child, earlier].argmin()])
            found[child] = set_aside(evidence, before, child, nearest, earlier.tolist())
    return found


def set_aside(
    evidence: Evidence, before: Mask, child: int, nearest: int, earlier: Sequence[int]
) -> int:
    """The nearest, or who was there before it and it stands beside (see `siblings`).

    Nobody is passed over where siblings cannot be told.
    """
    if evidence.likeness is None:
        return nearest
    return passed_over(
        nearest,
        earlier,
        evidence.distance[child].__getitem__,
        lambda a, b: float(evidence.distance[a, b]) if before[a, b] else None,
    )


def _in_their_place(evidence: Evidence, before: Mask) -> F64:
    """Distances (n, n) of parents, rows, to children, in which the likely parents come first.

    Each changes places with the nearest of those that are known to have come first.
    """
    distance = evidence.distance.T.copy()
    for child, first in likely_earlier(evidence, before).items():
        own = evidence.distance[child]
        earlier = np.flatnonzero(before[:, child] & evidence.related[child])
        nearest = earlier[own[earlier].argmin()]
        distance[[nearest, first], child] = own[[first, nearest]]
    return distance


def _nearness(distance: F64) -> F64:
    """The logarithm of how many times as far as the nearest each is, by column."""
    bounded = np.maximum(np.where(np.isnan(distance), np.inf, distance), LEAST)
    nearest = bounded.min(axis=0, initial=np.inf, where=~np.eye(len(bounded), dtype=bool))
    with np.errstate(invalid="ignore"):
        found: F64 = np.log(bounded / np.where(np.isfinite(nearest), nearest, 1.0))
    return found
