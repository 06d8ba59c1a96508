"""The report of a ranking of probes, and the probe sets that follow from it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.dna.canonical import Json
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol
from app.evaluation.probe_ranking import Ranking

Relation = Literal["direct", "same-base"]

DIGITS = 6


@dataclass(frozen=True, eq=False)
class RankedProbes:
    """A ranking, and what it was made on: `n_ranked` of `n_models` models took part.

    `folds` is how many it was cross-validated in; without `has_reference` by plain scores.
    """

    protocol: Protocol
    relation: Relation
    n_models: int
    n_ranked: int
    folds: int
    has_reference: bool
    ranking: Ranking
    warnings: tuple[str, ...]
    seconds: float

    def first(self, n_probes: int) -> ProbeSet:
        """The probe set of the first probes of the ranking, in its order."""
        probes, chosen = self.protocol.probe_set, self.ranking.order[:n_probes].tolist()
        name = f"{probes.name[:80]}-first-{len(chosen)}"
        return ProbeSet(name, tuple(probes.probes[place] for place in chosen))

    def as_json(self) -> dict[str, Json]:
        """The ranking as JSON; null stands for what could not be measured."""
        found, probes = self.ranking, self.protocol.probe_set.probes
        interval: Json = None if found.interval is None else [*map(_rounded, found.interval)]
        ranked: list[Json] = [
            {
                "rank": place + 1,
                "probe": probe + 1,
                "text": probes[probe],
                "auc": _rounded(found.aucs[place]),
                "separation": _rounded(found.separations[place]),
                "redundancy": _rounded(found.redundancies[place]),
            }
            for place, probe in enumerate(found.order.tolist())
        ]
        curve: list[Json] = [
            {
                "n_probes": point.n_probes,
                "auc": _rounded(point.auc),
                "tpr_at_1pct": _rounded(point.tpr_at_1pct),
                "power": _rounded(point.power),
            }
            for point in found.curve
        ]
        return {
            "protocol": {"name": self.protocol.name, "digest": self.protocol.digest},
            "n_models": self.n_models,
            "models_ranked_on": self.n_ranked,
            "relation": self.relation,
            "related_pairs": found.n_related,
            "unrelated_pairs": found.n_unrelated,
            "folds": self.folds,
            "reference": self.has_reference,
            "enough": found.enough,
            "power_kept": {"value": _rounded(found.held_out), "interval": interval},
            "curve": curve,
            "probes": ranked,
            "seconds": round(self.seconds, 3),
        }


def _rounded(number: float) -> float | None:
    return None if np.isnan(number) else round(float(number), DIGITS)
