"""Whether families evolve at different speeds: one test over all, and one for each two."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from app.dna.relations import false_discovery
from app.phylo.clock_slope import Slope
from app.phylo.rates import FamilyRate

F64 = NDArray[np.float64]
PERMUTATIONS = 999


@dataclass(frozen=True)
class Difference:
    """How much faster `a` is than `b`, with a 95 % interval.

    `p_value` is Welch's; `q_value` the same after all pairs that were compared (Benjamini and
    Hochberg).
    """

    a: str
    b: str
    difference: float
    low: float
    high: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Comparison:
    """Whether the families that have a rate share one.

    `common` is the mean rate, each weighted by its exactness. `p_value` says how often families
    of one common rate differ as much (`statistic`: Cochran's Q). All are None with fewer than two
    families.
    """

    families: int
    common: float | None
    statistic: float | None
    p_value: float | None
    permutations: int
    differences: tuple[Difference, ...]


def compare_rates(
    rates: Sequence[FamilyRate], seed: int, permutations: int = PERMUTATIONS
) -> Comparison:
    """Compare the families with a rate; time O(permutations * tips + families^2).

    The permutations are those of Freedman and Lane (1983): residuals from one common rate,
    without their correlation, are shuffled within each family. So families may be of different
    size, span and noise, and shuffling makes no family of models that are not related.
    """
    known = [one for one in rates if one.slope is not None]
    if len(known) < 2:
        return Comparison(len(known), None, None, None, permutations, ())
    slopes = [one.slope for one in known if one.slope is not None]
    probes = np.array([one.probe_error for one in known])
    errors = np.hypot([one.error for one in slopes], probes)
    values = np.array([one.rate for one in slopes])
    common, statistic = _spread(values[None], errors[None])
    rng = np.random.default_rng(seed)
    shuffled = [_shuffled(one, float(common[0]), permutations, rng) for one in slopes]
    _, by_chance = _spread(
        np.stack([rate for rate, _ in shuffled], axis=1),
        np.hypot(np.stack([error for _, error in shuffled], axis=1), probes),
    )
    beyond = int((by_chance >= statistic[0] * (1 - 1e-12)).sum())
    return Comparison(
        families=len(known),
        common=float(common[0]),
        statistic=float(statistic[0]),
        p_value=(1 + beyond) / (1 + permutations),
        permutations=permutations,
        differences=_differences(known, errors),
    )


def _spread(rates: F64, errors: F64) -> tuple[F64, F64]:
    """The weighted mean rate and Cochran's Q of each row, (rows, families) to (rows,)."""
    weights = 1 / np.maximum(errors, 1e-12 * np.abs(rates).max()) ** 2
    mean = (weights * rates).sum(axis=1) / weights.sum(axis=1)
    return mean, (weights * (rates - mean[:, None]) ** 2).sum(axis=1)


def _shuffled(
    slope: Slope, common: float, permutations: int, rng: np.random.Generator
) -> tuple[F64, F64]:
    """Rates and their errors, (permutations,), when what one common rate leaves is shuffled."""
    left = slope.left + (slope.rate - common) * slope.times
    mixed = rng.permuted(np.tile(left, (permutations, 1)), axis=1)
    mixed -= (mixed @ slope.start)[:, None] * slope.start
    across = float(slope.times @ slope.times)
    grown = mixed @ slope.times / across
    squares = np.maximum((mixed**2).sum(axis=1) - grown**2 * across, 0.0)
    return common + grown, np.sqrt(squares / (slope.n - 2) / across)


def _differences(known: Sequence[FamilyRate], errors: F64) -> tuple[Difference, ...]:
    from scipy.stats import t

    pairs = list(combinations(range(len(known)), 2))
    rates = np.array([one.rate for one in known], dtype=np.float64)
    freedom = np.array([one.n - 2 for one in known], dtype=np.float64)
    a, b = np.array(pairs).T
    apart, error = rates[a] - rates[b], np.hypot(errors[a], errors[b])
    # Welch and Satterthwaite: the freedom of a sum of variances.
    welch = error**4 / (errors[a] ** 4 / freedom[a] + errors[b] ** 4 / freedom[b])
    p_values = 2 * t.sf(np.abs(apart) / error, welch)
    q_values = false_discovery(p_values, len(pairs))
    half = t.ppf(0.975, welch) * error
    return tuple(
        Difference(
            a=known[one].family,
            b=known[other].family,
            difference=float(apart[pair]),
            low=float(apart[pair] - half[pair]),
            high=float(apart[pair] + half[pair]),
            p_value=float(p_values[pair]),
            q_value=float(q_values[pair]),
        )
        for pair, (one, other) in enumerate(pairs)
    )
