"""Standings of log-probabilities, whose centre must not hold the pair's own families.

A mean that holds a model's family pulls the family's scores down, by about 1 / (K - 1) for K
families, and strangers' up by 1 / (K + 1): without leaving families out, no threshold carries
over from one population to another (a nominal 1 % became 8 % from one nursery to the next).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.dna.families import Labels, Mask, connected
from app.dna.scores import Strands, log_surprisals, surprise_correlation, unexpected

F64 = npt.NDArray[np.float64]
Families = frozenset[int]

# Scores above this put two models into one family for the centre: above all unrelated pairs of
# six nurseries, below most look-alikes. That look-alikes are taken together does no harm.
FAMILY = 0.5
ROUNDS = 6


@dataclass(frozen=True, eq=False)
class Placed:
    """The strands of n models and the families of the cohort that each belongs to."""

    strands: Strands
    families: tuple[Families, ...]

    def __len__(self) -> int:
        return len(self.strands)

    def part(self, models: slice) -> "Placed":
        """Some of the models."""
        return Placed(self.strands[models], self.families[models])

    @classmethod
    def joined(cls, parts: Sequence["Placed"]) -> "Placed":
        """The models of all parts, in their order."""
        families = (family for part in parts for family in part.families)
        return cls(np.concatenate([part.strands for part in parts]), tuple(families))


class CrossFit:
    """A cohort of m models, (m, p, w), centred anew for every pair of families."""

    def __init__(self, cohort: Strands, kin: Mask) -> None:
        """`kin` (m, m) are the pairs that are known to be related, from declarations."""
        near = surprise_correlation(cohort, cohort, cohort.mean(axis=0)) > FAMILY
        self._group(cohort, connected(kin | near))
        for _ in range(ROUNDS):
            placed = Placed(cohort, tuple(frozenset([int(label)]) for label in self._labels))
            labels = connected(kin | (self.compare(placed, placed)[0] > FAMILY))
            if np.array_equal(labels, self._labels):
                break
            self._group(cohort, labels)
        self._cohort = cohort

    def placed(self, strands: Strands, members: npt.NDArray[np.int64]) -> Placed:
        """Place n models; `members` (n,) holds their index in the cohort, or -1."""
        near = surprise_correlation(strands, self._cohort, self._centre(frozenset())) > FAMILY
        families = [
            frozenset([int(self._labels[member])])
            if member >= 0
            else frozenset(self._labels[row].tolist())
            for row, member in zip(near, members, strict=True)
        ]
        return Placed(strands, tuple(families))

    def compare(self, a: Placed, b: Placed) -> tuple[F64, F64]:
        """Scores and standings, both (n_a, n_b); the standing is Fisher's z of the score.

        In standard errors of a correlation of as many independent words: atanh(r) sqrt(n - 3).
        """
        scores = np.empty((len(a.strands), len(b.strands)))
        seconds = _groups(b.families)
        which = np.empty(len(b.strands), dtype=np.int64)
        for place, members in enumerate(seconds.values()):
            which[members] = place
        ours, theirs = log_surprisals(a.strands), log_surprisals(b.strands)
        for first, rows in _groups(a.families).items():
            centres = [self._centre(first | second) for second in seconds]
            expected = log_surprisals(np.reshape(centres, (-1, *self._sum.shape)))
            columns = unexpected(theirs, expected[which])
            for row in rows:
                # As often as there are centres to see it against.
                own = unexpected(ours[row : row + 1], expected)
                scores[row] = np.einsum("nd,nd->n", own[which], columns)
        scores = scores.clip(-1.0, 1.0)
        return scores, fisher_z(scores, self._sum.size)

    def centre_of(self, a: Placed, b: Placed) -> Strands:
        """What is subtracted from the first strands of `a` and `b`, (p, w)."""
        return self._centre(a.families[0] | b.families[0])

    def _group(self, cohort: Strands, labels: Labels) -> None:
        self._labels = labels
        means = [cohort[labels == label].mean(axis=0) for label in range(labels.max() + 1)]
        self._means: F64 = np.array(means, dtype=np.float64)
        self._sum: F64 = self._means.sum(axis=0)

    def _centre(self, without: Families) -> Strands:
        """The mean of the families' means but those `without`, (p, w); of all if too few stay."""
        left_out = sorted(without) if len(self._means) - len(without) > 1 else []
        kept = len(self._means) - len(left_out)
        centre: F64 = (self._sum - self._means[left_out].sum(axis=0)) / kept
        return centre


def fisher_z(correlations: F64, n: int) -> F64:
    """Fisher's transformation of correlations of n numbers, in standard errors."""
    bound = 1 - 1e-9  # that of a model with itself is infinite
    z: F64 = np.arctanh(correlations.clip(-bound, bound)) * np.sqrt(max(n - 3, 1))
    return z


def _groups(families: Sequence[Families]) -> dict[Families, list[int]]:
    groups: dict[Families, list[int]] = {}
    for index, some in enumerate(families):
        groups.setdefault(some, []).append(index)
    return groups
