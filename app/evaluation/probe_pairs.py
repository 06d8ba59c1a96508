"""The pairs of models on which probes are ranked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Protocol
from app.dna.scores import Strands
from app.evaluation.folds import Folds, pairs_of

Indexes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# How many parts of pairs are held at once.
MOST_PARTS = 20_000_000


@dataclass(frozen=True, eq=False)
class Sample:
    """What probes are ranked on: n models, of which m are judged.

    `strands` (n, n_probes, width); `families` and `folds` (n,), where "" is no known family;
    `judged` (m,) are indexes of models, `related` and `unrelated` (m, m) masks of their pairs.
    `has_reference` says whether what two folds leave is enough for one; else scores are plain.
    """

    protocol: Protocol
    strands: Strands
    families: Sequence[str]
    folds: Folds
    judged: Indexes
    related: Mask
    unrelated: Mask
    has_reference: bool

    def can_be_split(self) -> bool:
        """Whether any two folds leave related and unrelated pairs outside them."""
        pairs = pairs_to_rank(self, np.random.default_rng(0))
        outside = (pairs.related[pairs.apart_from(some)] for some in pairs_of(self.folds))
        counts = [(int(some.sum()), int((~some).sum())) for some in outside]
        return len(counts) > 1 and all(one > 0 and other > 1 for one, other in counts)


@dataclass(frozen=True, eq=False)
class Pairs:
    """k pairs: their models, as indexes in `judged`, folds and families, each (2, k).

    `related` (k,) says which are: the others are unrelated.
    """

    models: Indexes
    folds: Indexes
    families: Indexes
    related: Mask

    def inside(self, folds: Sequence[int]) -> Mask:
        """Those of which both models are in these folds, (k,)."""
        return np.asarray(np.isin(self.folds, folds).all(axis=0))

    def apart_from(self, folds: Sequence[int]) -> Mask:
        """Those of which no model is in these folds, (k,)."""
        return np.asarray(~np.isin(self.folds, folds).any(axis=0))


def pairs_to_rank(sample: Sample, rng: np.random.Generator) -> Pairs:
    """The judged pairs, or as many as can be held, drawn: at most half of them related."""
    most = max(MOST_PARTS // sample.strands.shape[1], 4)
    related = _drawn(sample.related, most // 2, rng)
    models = np.concatenate([related, _drawn(sample.unrelated, most // 2, rng)], axis=1)
    families = [sample.families[model] or f"\0{model}" for model in sample.judged]
    numbers = np.unique(np.array(families), return_inverse=True)[1]
    return Pairs(
        models=models,
        folds=sample.folds[sample.judged][models],
        families=numbers[models],
        related=np.arange(models.shape[1]) < related.shape[1],
    )


def _drawn(mask: Mask, most: int, rng: np.random.Generator) -> Indexes:
    pairs = np.array(np.nonzero(np.triu(mask)))
    if pairs.shape[1] > most:
        pairs = pairs[:, np.sort(rng.choice(pairs.shape[1], most, replace=False))]
    return pairs
