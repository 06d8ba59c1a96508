"""How pairs stand when the reference knows nothing of their families."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from app.dna.population import Compared, absent, freeze
from app.dna.protocol import Protocol
from app.dna.scores import Strands
from app.evaluation.folds import Folds, pairs_of, smallest_rest

F64 = npt.NDArray[np.float64]
F32 = npt.NDArray[np.float32]
Indexes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Nominal rates of false alarms at which p-values are checked.
LEVELS = (0.01, 0.05)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Standings:
    """Of all pairs of n models: `values` (n, n) rank them; the higher, the more related.

    `alarms` holds, for each of LEVELS, the share (n, n) of references by which the pair's p-value
    is at most that; empty where there was no reference, and then `values` are plain scores.
    The smallest reference stands for `n_reference` models; `n_folds` is None without folds.
    """

    values: F64
    alarms: dict[float, F32]
    n_reference: int = 0
    n_folds: int | None = None

    def unmatched(self, pairs: Mask) -> "Standings":
        """The same where the pairs of a mask (n, n) are never matched: they stand below all."""
        values = np.where(pairs, -np.inf, self.values)
        alarms = {level: np.where(pairs, 0, share) for level, share in self.alarms.items()}
        return replace(self, values=values, alarms=alarms)


def without_reference(protocol: Protocol, strands: Strands) -> Standings:
    """Scores of n models, (n, p, w), among themselves."""
    population = absent(protocol)
    seen = population.seen(strands)
    return Standings(population.compare(seen, seen).score, {})


def by_reference(
    protocol: Protocol, reference: tuple[Strands, Sequence[str]], strands: Strands
) -> Standings:
    """Standings of n models, (n, p, w), by a `reference` of m others: strands and families."""
    population = freeze(protocol, *reference)
    seen = population.seen(strands)
    compared = population.compare(seen, seen)
    return Standings(compared.standing, _alarms(compared), len(reference[0]))


def cross_validated(
    protocol: Protocol,
    models: tuple[Strands, Sequence[str]],
    folds: Folds,
    judged: Indexes,
    progress: Progress,
) -> Standings:
    """Standings of the `judged` of m models, by references that lack both models' folds.

    `models` are all strands (m, p, w) and their families, `folds` (m,) the fold of each.

    Two folds are left out at a time, even for a pair of one fold, which then gets the mean over
    all references that lack its fold: with one fold left out for these and two for the others,
    the pairs of one family, which are all within a fold, would be judged by larger references
    than the negatives, and stand higher for that alone.
    """
    strands, families = models
    fold_of = folds[judged]
    n = len(judged)
    total, count = np.zeros((n, n)), np.zeros((n, n), dtype=np.float32)
    alarms = {level: np.zeros((n, n), dtype=np.float32) for level in LEVELS}
    pairs = pairs_of(folds)
    for done, left_out in enumerate(pairs):
        progress("compare", done, len(pairs))
        rest = np.flatnonzero(~np.isin(folds, left_out))
        population = freeze(protocol, strands[rest], [families[i] for i in rest.tolist()])
        tested = np.flatnonzero(np.isin(fold_of, left_out))
        if not len(tested):
            continue
        seen = population.seen(strands[judged[tested]])
        compared = population.compare(seen, seen)
        block = np.ix_(tested, tested)
        total[block] += compared.standing
        count[block] += 1
        for level, share in _alarms(compared).items():
            alarms[level][block] += share
    progress("compare", len(pairs), len(pairs))
    for share in alarms.values():
        share /= count
    return Standings(total / count, alarms, smallest_rest(folds), int(folds.max()) + 1)


def _alarms(compared: Compared) -> dict[float, F32]:
    return {level: (compared.p_value <= level).astype(np.float32) for level in LEVELS}
