"""Which probes carry the evidence on a population, and how few of them are enough.

What the first k probes of an order are worth is measured on families that took no part in the
order, by references that hold neither family of a pair.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.evaluation.folds import pairs_of
from app.evaluation.metrics import auc
from app.evaluation.probe_order import separation
from app.evaluation.probe_pairs import Pairs, Sample, pairs_to_rank
from app.evaluation.probe_parts import probe_parts, standing
from app.evaluation.probe_power import PairTest, Point, fewest, kept, point, steps

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Ranking:
    """Probes, the most telling first, and how many of them keep KEPT_POWER of the power.

    `order` (n_probes,) are indexes of probes; in that order `aucs` and `separations` are what a
    probe tells alone, `redundancies` its correlation with those before it (see `probe_order`).
    `held_out` is the share of the power that was kept by numbers of probes chosen so on other
    families than those that it is measured on, and its 95 % interval.
    """

    order: Indexes
    aucs: F64
    separations: F64
    redundancies: F64
    curve: tuple[Point, ...]
    enough: int
    held_out: float
    interval: tuple[float, float] | None
    n_related: int
    n_unrelated: int


def rank(sample: Sample, replicates: int, seed: int, progress: Progress) -> Ranking:
    """Rank the probes of a sample that `can_be_split`; intervals from so many replicates.

    O(k n_probes^2) for k pairs, of which there are at most MOST_PARTS / n_probes.
    """
    pairs = pairs_to_rank(sample, np.random.default_rng(seed))
    splits = pairs_of(sample.folds)
    parts, count = _parts(sample, pairs, splits)
    grid = steps(sample.strands.shape[1])
    values, held = np.zeros((len(grid), len(count))), []
    for done, left_out in enumerate(splits):
        progress("rank", done, len(splits))
        known, inside = pairs.apart_from(left_out), pairs.inside(left_out)
        order = separation(parts[known], pairs.related[known]).order()
        held.append(_standings(sample, left_out, pairs.models[:, inside], order, grid))
        values[:, inside] += held[-1]
    progress("rank", len(splits), len(splits))
    values /= count
    chosen = np.zeros(len(count))
    for left_out, standings in zip(splits, held, strict=True):
        chosen[pairs.inside(left_out)] += standings[_enough(values, pairs, left_out)]
    everything = separation(parts, pairs.related)
    order = everything.order()
    share, interval = kept(
        (chosen / count, values[-1]), pairs.related, pairs.families, replicates, seed
    )
    return Ranking(
        order=order,
        aucs=np.array([auc(*_halves(parts[:, probe], pairs.related)) for probe in order]),
        separations=everything.alone[order],
        redundancies=everything.redundancies(order),
        curve=tuple(point(k, row, pairs.related) for k, row in zip(grid, values, strict=True)),
        enough=grid[_enough(values, pairs, ())],
        held_out=share,
        interval=interval,
        n_related=int(pairs.related.sum()),
        n_unrelated=int((~pairs.related).sum()),
    )


def _parts(sample: Sample, pairs: Pairs, splits: Sequence[tuple[int, int]]) -> tuple[F32, Indexes]:
    """Parts (k, n_probes) of all pairs, means over the splits that leave both models out.

    Also how many such splits there are for each pair, (k,).
    """
    total = np.zeros((pairs.models.shape[1], sample.strands.shape[1]), dtype=np.float32)
    count = np.zeros(len(total), dtype=np.int64)
    strands = sample.strands[sample.judged]
    for left_out in splits:
        inside = pairs.inside(left_out)
        reference = sample.strands[_rest(sample, left_out)]
        total[inside] += probe_parts(sample.protocol, strands, reference, pairs.models[:, inside])
        count += inside
    total /= count[:, None]
    return total, count


def _standings(
    sample: Sample, left_out: tuple[int, int], models: Indexes, order: Indexes, grid: Sequence[int]
) -> F64:
    """How pairs (2, k) stand by the first of an order of probes: (len(grid), k)."""
    rest = _rest(sample, left_out)
    judged, places = np.unique(models, return_inverse=True)
    first, second = places.reshape(models.shape)
    standings = np.empty((len(grid), models.shape[1]))
    for place, n_probes in enumerate(grid):
        some = order[:n_probes]
        tested = sample.strands[np.ix_(sample.judged[judged], some)]
        values = standing(sample.protocol, tested, sample.strands[np.ix_(rest, some)])
        standings[place] = values[first, second]
    return standings


def _rest(sample: Sample, left_out: tuple[int, int]) -> Indexes:
    """The models that make a reference: those outside two folds; none where they are too few."""
    outside = np.flatnonzero(~np.isin(sample.folds, left_out))
    return outside if sample.has_reference else outside[:0]


def _enough(values: F64, pairs: Pairs, left_out: Sequence[int]) -> int:
    """The place, in the grid, of the fewest probes that are enough for pairs outside folds."""
    known = pairs.apart_from(left_out)
    return fewest([PairTest(row[known], pairs.related[known]).power() for row in values])


def _halves(values: npt.NDArray[np.floating], related: Mask) -> tuple[F64, F64]:
    wide = values.astype(np.float64)
    return wide[related], wide[~related]
