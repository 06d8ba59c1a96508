"""The figures of an evaluation, and how sure they are.

Confidence intervals resample families with replacement (a cluster bootstrap: models of one
family are no independent evidence). A family that is drawn c times stands there c times: a
pair of models of two families then counts as often as the product of their counts, a pair within
a family as often as the family, since its copies have no pairs with each other. Which model is
nearest is not decided anew; each model's outcome counts as often as its family was drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.evaluation.kinship import Kinship, Mask
from app.evaluation.metrics import Standing, cumulated, places, stand
from app.evaluation.standings import F64, Standings
from app.phylo.quartets import Accuracy

# The path of a figure in the report -> its value; NaN where there is nothing to count.
Path = tuple[str, ...]
Figures = dict[Path, float]
Interval = tuple[float, float]

RATES = {"tpr_at_1pct": 0.01, "tpr_at_0.1pct": 0.001}
INTERVAL = (0.025, 0.975)

_Integers = npt.NDArray[np.integer]


class _Pairs:
    """Pairs, by the families of their two models: both (n_pairs,)."""

    def __init__(self, first: _Integers, second: _Integers) -> None:
        self._first, self._second = first, second
        self._within = np.flatnonzero(first == second)

    def __len__(self) -> int:
        return len(self._first)

    def weights(self, counts: F64) -> F64:
        weights: F64 = counts[self._first] * counts[self._second]
        weights[self._within] = counts[self._first[self._within]]
        return weights

    def ordered(self, order: _Integers) -> "_Pairs":
        return _Pairs(self._first[order], self._second[order])


@dataclass(frozen=True, eq=False)
class _Shares:
    """What some models, or pairs, contribute to a share: 0 to 1 each, 0 where `counts` is 0."""

    values: F64
    counts: F64

    def mean(self, weights: F64) -> float:
        total = float(self.counts @ weights)
        return float(self.values @ weights) / total if total else float("nan")


def _shares(values: npt.NDArray[np.floating]) -> _Shares:
    has = ~np.isnan(values)
    return _Shares(np.where(has, values, 0).astype(np.float64), has.astype(np.float64))


class Judgement:
    """Standings read by kinship, prepared so that families can count more or less often."""

    def __init__(
        self,
        standings: Standings,
        kinship: Kinship,
        quartets: Mapping[str, Accuracy] | None = None,
    ) -> None:
        """All of n models; `quartets` by kind of relation, as `app.evaluation.quartets` says."""
        self._quartets = quartets or {}
        self._families = np.unique(np.array(kinship.families), return_inverse=True)[1]
        self.n_families = int(self._families.max()) + 1
        values, chosen = standings.values, np.triu(kinship.unrelated)
        order = np.argsort(values[chosen])
        self._negative = self._pairs(chosen).ordered(order)
        ordered = values[chosen][order]
        self._alarms = {
            level: _shares(alarms[chosen][order]) for level, alarms in standings.alarms.items()
        }
        self._positive: dict[str, tuple[_Pairs, Standing]] = {}
        for name, mask in (("same_base", kinship.same_base), ("direct", kinship.direct)):
            above = np.triu(mask)
            self._positive[name] = (self._pairs(above), stand(values[above], ordered))
        hits = _hits(values, kinship)
        self._hits = {name: _shares(hit) for name, hit in hits.items()}

    @property
    def n_pairs(self) -> dict[str, int]:
        """How many pairs of each kind there are."""
        kinds = {name: pairs for name, (pairs, _) in self._positive.items()}
        kinds["unrelated"] = self._negative
        return {name: len(pairs) for name, pairs in kinds.items()}

    def figures(self, counts: F64 | None = None) -> Figures:
        """All figures where each family is there `counts` (n_families,) times, or once."""
        counts = np.ones(self.n_families) if counts is None else counts
        negative = self._negative.weights(counts)
        below = cumulated(negative)
        found: Figures = {}
        for name, (pairs, standing) in self._positive.items():
            weights = pairs.weights(counts)
            found[name, "auc"] = standing.auc(weights, below)
            for rate, fpr in RATES.items():
                found[name, rate] = standing.tpr_at(fpr, weights, below)
        of_model = counts[self._families]
        for name, hits in self._hits.items():
            found[name,] = hits.mean(of_model)
        for level, alarms in self._alarms.items():
            found["p_value_calibration", str(level)] = alarms.mean(negative)
        for name, accuracy in self._quartets.items():
            found["quartets", name] = accuracy.share(counts)
        return found

    def intervals(
        self, replicates: int, seed: int, progress: Callable[[str, int, int], None]
    ) -> dict[Path, Interval]:
        """95 % intervals of the figures; NaN where no replicate has anything to count."""
        rng = np.random.default_rng(seed)
        even = np.full(self.n_families, 1 / self.n_families)
        drawn: dict[Path, list[float]] = {}
        for done in range(replicates):
            progress("bootstrap", done, replicates)
            counts = rng.multinomial(self.n_families, even).astype(np.float64)
            for path, value in self.figures(counts).items():
                if not np.isnan(value):
                    drawn.setdefault(path, []).append(value)
        progress("bootstrap", replicates, replicates)
        bounds = {path: np.quantile(values, INTERVAL) for path, values in drawn.items()}
        return {path: (float(low), float(high)) for path, (low, high) in bounds.items()}

    def _pairs(self, chosen: Mask) -> _Pairs:
        rows, columns = np.nonzero(chosen)
        families = self._families.astype(np.int32)
        return _Pairs(families[rows], families[columns])


def _hits(values: F64, kinship: Kinship) -> dict[str, F64]:
    """1 or 0 for each model by each question about its nearest; NaN where it has no answer."""
    candidates = ~np.eye(len(values), dtype=bool)
    nearest = places(values, kinship.same_base, candidates)
    # A parent is never released after its child: who knows the dates need not ask the others.
    parent = places(values, kinship.parents, candidates & ~kinship.later)
    undated = places(values, kinship.parents, candidates)
    return {
        "nearest_same_base": _within(nearest, 1),
        "parent_at_1": _within(parent, 1),
        "parent_at_5": _within(parent, 5),
        "parent_at_1_undated": _within(undated, 1),
    }


def _within(place: F64, k: int) -> F64:
    return np.where(np.isnan(place), np.nan, place < k)
