"""Nulls: how high pairs that are not related stand, and what a standing's p-value is."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

# The share of the null beyond which its tail is smoothed: where pairs get too few to count.
TAIL = 0.02
# A null is kept as so many quantiles, of levels 0 to 1 in equal steps.
KEPT = 513


@dataclass(frozen=True, eq=False)
class Null:
    """The distribution of unrelated pairs' standings, as KEPT quantiles in rising order."""

    quantiles: F64

    def p_values(self, standings: F64) -> F64:
        """The chance that an unrelated pair stands as high or higher, in the input's shape.

        The share of the null up to its last fiftieth; beyond it an exponential tail, whose mean
        excess is that of the null there, so that p-values go on falling where no pair was seen.
        Never 0: no number of pairs shows that a thing is impossible.
        """
        levels = np.linspace(0.0, 1.0, len(self.quantiles))
        start = float(np.interp(1 - TAIL, levels, self.quantiles))
        beyond = self.quantiles[self.quantiles > start]
        excess = float((beyond - start).mean()) if len(beyond) else 0.0
        above = np.maximum(standings - start, 0.0)
        tail = TAIL * np.exp(-above / excess) if excess else np.zeros_like(above)
        p = np.where(standings > start, tail, np.maximum(self._share(standings, levels), TAIL))
        bounded: F64 = p.clip(np.finfo(float).tiny, 1.0)
        return bounded

    def _share(self, standings: F64, levels: F64) -> F64:
        """The share of the null that stands as high or higher, equal ones included."""
        between = np.interp(standings, self.quantiles, levels)
        places = np.searchsorted(self.quantiles, standings).clip(max=len(levels) - 1)
        share: F64 = 1 - np.minimum(between, levels[places])
        return share


def of_standings(standings: F64) -> Null:
    """The null of the standings of pairs that are believed unrelated; at least one."""
    return Null(np.quantile(standings, np.linspace(0.0, 1.0, KEPT)))


@cache
def shipped(name: str) -> Null | None:
    """The null that ships for a protocol of this name, when there is one.

    It was measured on models of known genealogy among which look-alikes (the same architecture,
    tokenizer and texts, trained apart) are common: a population seldom holds enough of them.
    """
    data = files("app.dna") / "data" / f"null-{name}.json"
    if not data.is_file():
        return None
    quantiles = json.loads(data.read_text(encoding="utf-8"))["quantiles"]
    return Null(np.array(quantiles, dtype=np.float64))
