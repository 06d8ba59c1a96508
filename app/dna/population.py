"""Populations: what unrelated models score tells how far a pair stands out.

A reference, ready to be asked. Per protocol a cohort of at most MOST_COHORT models stands for
all; a pair's *standing* says how far its score lies above what the two models score with
strangers, and its p-value how often a pair of strangers stands as high.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from typing import Protocol as Interface

import numpy as np
import numpy.typing as npt

from app.dna import nulls
from app.dna.crossfit import CrossFit
from app.dna.families import Mask, connected, declared
from app.dna.flags import Strangers
from app.dna.nulls import Null
from app.dna.protocol import Protocol
from app.dna.scores import SCORES, Score, Strands
from app.dna.structure import Structure

F64 = npt.NDArray[np.float64]
Members = npt.NDArray[np.int64]

MOST_COHORT = 256
# Pairs of the cohort are taken for relatives that nobody declared, and leave the null: of
# log-probabilities above a score that no look-alike of six nurseries reaches; of answers where
# the body of all standings (from its BODY quantiles on, continued as an exponential) would have
# fewer than KIN_TAIL of them. A fixed standing does not do: chat models' strangers end at 5,
# those of models that answer in three words at 8.
KIN_SCORE = 0.80
BODY = (0.75, 0.9)
KIN_TAIL = 0.002


class _Measure(Interface):
    """How a kind of response is measured: see `structure` and `crossfit`."""

    def placed(self, strands: Strands, members: Members) -> Any: ...

    def compare(self, a: Any, b: Any) -> tuple[F64, F64]: ...

    def centre_of(self, a: Any, b: Any) -> Strands: ...


class _Placed(Interface):
    """Models as one measure places them."""

    def __len__(self) -> int: ...

    def part(self, models: slice) -> "_Placed": ...

    @classmethod
    def joined(cls, parts: Sequence[Any]) -> "_Placed": ...


@dataclass(frozen=True, eq=False)
class Seen:
    """Models as one population sees them; only that population can compare them."""

    placed: Any

    def part(self, models: slice) -> "Seen":
        """Some of the models."""
        placed: _Placed = self.placed
        return Seen(placed.part(models))

    def split(self) -> list["Seen"]:
        """Each model by itself, so that it can be kept."""
        return [self.part(slice(model, model + 1)) for model in range(len(self.placed))]


def joined(parts: Sequence[Seen]) -> Seen:
    """The models of one part or more, all as one population sees them, in their order."""
    first: _Placed = parts[0].placed
    return Seen(first.joined([part.placed for part in parts]))


@dataclass(frozen=True, eq=False)
class Compared:
    """Of n models with m others, (n, m) float64 each.

    `score` in [-1, 1] is what two models share; `standing` ranks, in standard deviations or
    errors; `p_value` belongs to the standing. These two are NaN where there is no reference.
    """

    score: F64
    standing: F64
    p_value: F64


class Population:
    """A reference that is ready to compare models of one protocol."""

    def __init__(
        self,
        protocol: Protocol,
        cohort: Strands,
        centre: Strands,
        families: Sequence[str],
        null: Null | None = None,
    ) -> None:
        """The cohort (m, p, w), the mean strand (p, w), the declared families of the cohort.

        `families` are labels, empty where none is declared. Without `null` it is taken from the
        cohort itself; where that is one family there is none. An empty cohort gives scores only.
        """
        self.protocol, self.cohort, self.centre = protocol, cohort, centre
        kin = declared(families)
        self._measure = _measure(protocol, cohort, centre, kin)
        self._shipped = nulls.shipped(protocol.name)
        self.null = null
        if null is None and len(cohort):
            self.null = self._own_null(cohort, kin)

    @cached_property
    def strangers(self) -> Strangers:
        """Those of the cohort against whom flags are raised."""
        return Strangers(self.cohort)

    @property
    def n_cohort(self) -> int:
        """Models in the cohort; 0 where there is no reference."""
        return len(self.cohort)

    def seen(self, strands: Strands, members: Members | None = None) -> Seen:
        """How the population sees n models; `members` (n,) are indexes in the cohort, or -1."""
        if members is None:
            members = np.full(len(strands), -1)
        return Seen(self._measure.placed(strands, members))

    def compare(self, a: Seen, b: Seen) -> Compared:
        """Compare every model of `a` with every model of `b`."""
        scores, standings = self._measure.compare(a.placed, b.placed)
        return Compared(scores, standings, self.p_values(standings))

    def centre_of(self, a: Seen, b: Seen) -> Strands:
        """What is subtracted, (p, w), from the strands of the first models of `a` and `b`."""
        return self._measure.centre_of(a.placed, b.placed)

    def p_values(self, standings: F64) -> F64:
        """p-values of standings: by the null, and half by the one that ships, if one does."""
        if self.null is None:
            return np.full_like(standings, np.nan)
        own = self.null.p_values(standings)
        return own if self._shipped is None else (own + self._shipped.p_values(standings)) / 2

    def _own_null(self, cohort: Strands, kin: Mask) -> Null | None:
        everyone = self._measure.placed(cohort, np.arange(len(cohort)))
        scores, standings = self._measure.compare(everyone, everyone)
        is_scored = self.protocol.response == "likelihood"
        found = scores > KIN_SCORE if is_scored else standings > _farthest_stranger(standings)
        families = connected(kin | found)
        strangers = standings[np.triu(families[:, None] != families, 1)]
        return nulls.of_standings(strangers) if len(strangers) else None


def _farthest_stranger(standings: F64) -> float:
    """Where the body of the standings of all pairs, (m, m), says that strangers end."""
    low, high = np.quantile(standings[np.triu_indices(len(standings), 1)], BODY)
    scale = (high - low) / np.log((1 - BODY[0]) / (1 - BODY[1]))
    return float(high + scale * np.log((1 - BODY[1]) / KIN_TAIL))


def freeze(protocol: Protocol, strands: Strands, families: Sequence[str]) -> Population:
    """The population of n models, (n, p, w), with their declared families ("" for none)."""
    chosen = cohort_of(len(strands))
    centre = strands.mean(axis=0, dtype=np.float64)
    return Population(protocol, strands[chosen], centre, [families[i] for i in chosen])


def absent(protocol: Protocol) -> Population:
    """Where there are too few models for a reference: nothing is centred, nothing known."""
    centre = np.zeros(protocol.shape)
    return Population(protocol, np.empty((0, *protocol.shape)), centre, ())


def cohort_of(n: int) -> Members:
    """Which of n models stand for all, evenly spread: at most MOST_COHORT indexes, rising."""
    return np.unique(np.linspace(0, n - 1, min(n, MOST_COHORT)).round().astype(np.int64))


class _Bare:
    """Scores without a population."""

    def __init__(self, score: Score, centre: Strands) -> None:
        self._score, self._centre = score, centre

    def placed(self, strands: Strands, members: Members) -> "_BarePlaced":
        return _BarePlaced(strands)

    def compare(self, a: "_BarePlaced", b: "_BarePlaced") -> tuple[F64, F64]:
        scores = self._score(a.strands, b.strands, self._centre)
        return scores, np.full_like(scores, np.nan)

    def centre_of(self, a: "_BarePlaced", b: "_BarePlaced") -> Strands:
        return self._centre


@dataclass(frozen=True, eq=False)
class _BarePlaced:
    """The strands of n models, as they are."""

    strands: Strands

    def __len__(self) -> int:
        return len(self.strands)

    def part(self, models: slice) -> "_BarePlaced":
        return _BarePlaced(self.strands[models])

    @classmethod
    def joined(cls, parts: Sequence["_BarePlaced"]) -> "_BarePlaced":
        return cls(np.concatenate([part.strands for part in parts]))


def _measure(protocol: Protocol, cohort: Strands, centre: Strands, kin: Mask) -> _Measure:
    score = SCORES[protocol.response]
    if not len(cohort):
        return _Bare(score, centre)
    if protocol.response == "likelihood":
        return CrossFit(cohort, kin)
    return Structure(score, cohort, centre)
