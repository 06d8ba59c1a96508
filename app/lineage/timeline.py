"""Timelines: which of two members came first, by their dates and by what they declare."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.lineage.dates import Order, orders
from app.lineage.members import Declared, Member

Mask = npt.NDArray[np.bool_]


class Timeline:
    """What dates and claims say of the order of members; claims that are contradicted say nothing.

    `above[i]` are the members that i declares as its bases, and those that they declare, and so on.
    """

    def __init__(self, members: Sequence[Member], declared: Sequence[Declared]) -> None:
        self._members = members
        parents: dict[int, list[int]] = {}
        for claim in declared:
            if claim.support != "contradicted":
                parents.setdefault(claim.child, []).append(claim.parent)
        self.above = [_reached(child, parents) for child in range(len(members))]

    def dated(self, a: int, b: int) -> tuple[Order, ...]:
        """What the dates of two members say: two orders where sources disagree."""
        first, second = self._members[a].released, self._members[b].released
        return orders(first, second) if first and second else ()

    def precedes(self, a: int, b: int) -> bool:
        """Whether dates or claims say that a came before b, and none of them the opposite."""
        if self._says_so(b, a):
            return False
        return self._says_so(a, b)

    def is_against_dates(self, claim: Declared) -> bool:
        """Whether any date says that the declared base came later than its child."""
        return any(order.swapped for order in self.dated(claim.parent, claim.child))

    def runs_in_a_circle(self, claim: Declared) -> bool:
        """Whether the base declares to descend from its child."""
        return claim.child in self.above[claim.parent]

    def before(self, pairs: Mask) -> Mask:
        """Who precedes whom, (n, n), among some pairs, (n, n) too."""
        found = np.zeros_like(pairs)
        for a, b in np.argwhere(np.triu(pairs | pairs.T)).tolist():
            found[a, b], found[b, a] = self.precedes(a, b), self.precedes(b, a)
        return found

    def _says_so(self, a: int, b: int) -> bool:
        """Whether anything says that a came before b."""
        return a in self.above[b] or any(not order.swapped for order in self.dated(a, b))


def _reached(child: int, parents: dict[int, list[int]]) -> frozenset[int]:
    """All that declared bases lead to; the child itself only where they run in a circle."""
    found: set[int] = set()
    waiting = [child]
    while waiting:
        new = set(parents.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)
