"""Use case: how far a model is from itself, as an entry and its replicates tell."""

from dataclasses import dataclass

import numpy as np

from app.dna.population import Population
from app.records import EntryRecord
from app.store import entries, replicates
from app.store.database import Session

# Equal strands score 1 up to the rounding of a product of float32.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Noise:
    """Scores of a model with itself: all pairs of its entry and the `replicates` beside it.

    It tells a rerun from another model. Of who is related to whom it says nothing.
    """

    replicates: int
    mean_score: float
    lowest_score: float

    def covers(self, value: float) -> bool:
        """Whether a score is no lower than one that the model has with itself."""
        return value >= self.lowest_score - ROUNDING


def noise_of(session: Session, population: Population, entry: EntryRecord) -> Noise | None:
    """The noise of an entry, scored as relatives are; None when it was never repeated."""
    again = replicates.strands(session, population.protocol, entry)
    if not len(again):
        return None
    own = entries.strands(session, population.protocol, [entry])
    strands = population.seen(np.concatenate([own, again]))
    scores = population.compare(strands, strands).score
    pairs = scores[np.triu_indices(len(scores), k=1)]
    return Noise(len(again), float(pairs.mean()), float(pairs.min()))
