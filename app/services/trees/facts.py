"""Use case: what is known of the tips of a tree: their models, families and release dates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.lineage.dates import decimal_year
from app.records import EntryRecord, ModelRecord
from app.services.ancestry.declarations import Declarations
from app.services.ancestry.gathering import first_dates
from app.services.declared_families import declared_families
from app.store import models
from app.store.database import Session


@dataclass(frozen=True)
class TipFacts:
    """Of each tip: the models of its content, the oldest first, whose name is the tip's; its
    family as declared, "" where it has no other member or base; its release date, "" unknown.
    """

    models: tuple[tuple[ModelRecord, ...], ...]
    families: tuple[str, ...]
    released: tuple[str, ...]

    @property
    def dates(self) -> npt.NDArray[np.float64]:
        """Release dates as decimal years, (n,), NaN where not known."""
        return np.array([decimal_year(date) if date else np.nan for date in self.released])


def tip_facts(session: Session, found: Sequence[EntryRecord]) -> TipFacts:
    """Read what is known of some entries."""
    owners = models.by_digest(session, [entry.model_digest for entry in found])
    tips = tuple(tuple(owners[entry.model_digest]) for entry in found)
    claims = Declarations(session)
    claims.read(model for tip in tips for model in tip)
    dates = [first_dates(claims, tip) for tip in tips]
    return TipFacts(
        models=tips,
        families=_families(session, found),
        released=tuple(several[0].value if several else "" for several in dates),
    )


def _families(session: Session, found: Sequence[EntryRecord]) -> tuple[str, ...]:
    """A model that nobody descends from, and that declares no base, is no family."""
    named = declared_families(session, found)
    members = {name: named.count(name) for name in set(named)}
    return tuple(name if members[name] > 1 else "" for name in named)
