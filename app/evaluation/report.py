"""The report of an evaluation: its figures and what they were taken on."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.dna.canonical import Json
from app.dna.protocol import Protocol
from app.evaluation.figures import RATES, Figures, Interval, Path
from app.evaluation.standings import LEVELS

KINDS = ("same_base", "direct")
SHARES = ("nearest_same_base", "parent_at_1", "parent_at_5", "parent_at_1_undated")
CALIBRATION = "p_value_calibration"
QUARTETS = "quartets"
DIGITS = 6


@dataclass(frozen=True)
class Taken:
    """What figures were taken on.

    `n_known` of the `n_models` have a known base; the others are population only. `folds` is None
    without cross-validation, `n_reference` the number of models in the smallest reference: 0
    where there were too few for any. `pairs` counts by kind, `flagged` those that took no part,
    `quartets` those by which the tree was read.
    """

    protocol: Protocol
    n_models: int
    n_known: int
    folds: int | None
    n_reference: int
    pairs: Mapping[str, int]
    flagged: Mapping[str, int]
    quartets: Mapping[str, int]


@dataclass(frozen=True)
class Evaluation:
    """Figures, their 95 % intervals, and what they were taken on.

    `left_out` are models of the lineage for which there was nothing; `warnings` are sentences.
    """

    taken: Taken
    figures: Figures
    intervals: Mapping[Path, Interval]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    seconds: float = 0.0

    def value(self, *path: str) -> float | None:
        """A figure; None where it could not be measured."""
        found = self.figures.get(path, np.nan)
        return None if np.isnan(found) else round(found, DIGITS)

    def interval(self, *path: str) -> list[float] | None:
        """The interval of a figure, from low to high; None where there is none."""
        found = self.intervals.get(path)
        return None if found is None else [round(end, DIGITS) for end in found]

    def as_json(self) -> dict[str, Json]:
        """The report as JSON; null stands for what could not be measured."""
        taken = self.taken
        values: dict[Path, Json] = {path: self.value(*path) for path in self._paths()}
        ends: dict[Path, Json] = {path: _floats(self.interval(*path)) for path in self._paths()}
        pairs: dict[Path, Json] = {(kind, "pairs"): taken.pairs[kind] for kind in KINDS}
        figures, confidence = _nested(pairs | values), _nested(ends)
        if taken.n_reference == 0:
            figures[CALIBRATION] = confidence[CALIBRATION] = None
        return {
            "n_models": taken.n_models,
            **figures,
            "seconds": round(self.seconds, 3),
            "confidence": confidence,
            "n_known": taken.n_known,
            "unrelated_pairs": taken.pairs["unrelated"],
            "flagged": dict(taken.flagged),
            "n_quartets": dict(taken.quartets),
            "folds": taken.folds,
            "reference_models": taken.n_reference,
            "protocol": {"name": taken.protocol.name, "digest": taken.protocol.digest},
            "left_out": list(self.left_out),
        }

    def _paths(self) -> list[Path]:
        kinds = [(kind, rate) for kind in KINDS for rate in ("auc", *RATES)]
        levels = [(CALIBRATION, str(level)) for level in LEVELS]
        quartets = [(QUARTETS, kind) for kind in KINDS]
        return [*kinds, *((share,) for share in SHARES), *levels, *quartets]


def _nested(values: Mapping[Path, Json]) -> dict[str, Json]:
    nested: dict[str, Json] = {}
    for (name, *rest), value in values.items():
        if not rest:
            nested[name] = value
            continue
        inner = nested.setdefault(name, {})
        assert isinstance(inner, dict)  # noqa: S101  paths of one name are all of one length
        inner[rest[0]] = value
    return nested


def _floats(numbers: list[float] | None) -> Json:
    return None if numbers is None else [*numbers]
