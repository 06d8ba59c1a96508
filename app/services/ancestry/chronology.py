"""Use case: which of two relatives is known to have come first, by dates or by claims."""

from collections.abc import Sequence

from app.lineage.descent import lines
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.gathering import Kin


class Chronology:
    """What is known of the order of some relatives, whether or not claims conflict."""

    def __init__(self, members: Sequence[Kin], declarations: Declarations) -> None:
        self._above = {
            one: {
                above for record in one.records for above in lines(record.id, declarations.parents)
            }
            for one in members
        }

    def precedes(self, a: Kin, b: Kin) -> bool:
        """Whether a was released before b, or is a declared ancestor of it."""
        return a.was_before(b) or any(record.id in self._above[b] for record in a.records)
