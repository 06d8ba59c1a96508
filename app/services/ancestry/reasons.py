"""Use case: why a relative came before a model or after it: what claims say of it."""

from collections.abc import Sequence

from app.lineage.dates import orders
from app.lineage.descent import lines
from app.lineage.direction import Reason, released_reason
from app.services.ancestry.gathering import Family, Kin


class Reasons:
    """The reasons that claims give for the direction of one model's relatives.

    A line that leads through a model which is unrelated by its behaviour says nothing.
    """

    def __init__(self, family: Family) -> None:
        self._declarations, self._model, self._up = family.declarations, family.model, family.up
        tested = family.tested.items()
        self._unrelated = {one for one, found in tested if found.verdict == "unrelated"}

    def of(self, kin: Kin) -> tuple[Reason, ...]:
        """The reasons of claims and of dates, in this order."""
        return (*self._declared(kin), *self._declared_by(kin), *self._released(kin))

    def _declared(self, kin: Kin) -> list[Reason]:
        own = self._model.model
        for one in kin.records:
            via = self._up.get(one.id)
            if via is not None and self._unrelated.isdisjoint(via):
                said = f"{own.name} names it as its base"
                if via:
                    said = f"{own.name} descends from it {self._by_way(via)}"
                by = self._sources(own.id, *via, one.id)
                return [Reason("declared", "ancestor", f"{said} ({by})", by, via)]
        return []

    def _declared_by(self, kin: Kin) -> list[Reason]:
        own = self._model.model
        for one in kin.records:
            via = lines(one.id, self._declarations.parents).get(own.id)
            if via is not None and self._unrelated.isdisjoint(via):
                said = f"it names {own.name} as its base"
                if via:
                    said = f"it descends from {own.name} {self._by_way(via[::-1])}"
                by = self._sources(one.id, *via, own.id)
                return [Reason("declared_by", "descendant", f"{said} ({by})", by, via[::-1])]
        return []

    def _released(self, kin: Kin) -> list[Reason]:
        return [released_reason(order) for order in orders(kin.released, self._model.released)]

    def _by_way(self, via: Sequence[str]) -> str:
        names = (self._declarations.model(one).name for one in via)
        return f"by way of {', '.join(names)}, as they declare"

    def _sources(self, *line: str) -> str:
        """Who says so: the sources of the claim that begins the line, at the youngest."""
        return ", ".join(self._declarations.sources(line[0], line[1]))
