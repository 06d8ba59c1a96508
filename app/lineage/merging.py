"""Merges: a model whose behaviour lies between those of two others.

To first order a network's log-probabilities are linear in its weights, so that a weighted mean of
the weights of two models scores as the weighted mean of the two. No other kind of child does: what
it learned is its own. A model thus tells its two parents, and that they came first.

Measured on ten nurseries, each with the centre of each: of 30 merges the gain is at most 0.39, of
the other 330 models at least 0.61 (of four nurseries that took no part in choosing: 0.23, 0.66).
What is not in the nurseries: a checkpoint in the middle of one training run lies between its start
and its end, and looks like a merge of the two.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Half of what the better parent leaves unexplained: between all merges and all others measured.
MOST_GAIN = 0.5
# Models nearer than this are near-copies, which explain each other as well as any merge would.
NEAR_COPY = 0.985
# Models farther than this are no relatives, and two parents of a merge share their base.
FAR = 0.5
# The smaller parent's part in the mix: below, the other alone says nearly as much.
LEAST_SHARE = 0.2


@dataclass(frozen=True)
class Mix:
    """Two models that a third lies between.

    `gain` is the share of what the better parent leaves unexplained (1 - correlation) that the mix
    leaves unexplained too; `share` is the part of `first` in the mix, between 0 and 1.
    """

    first: int
    second: int
    share: float
    gain: float


def find_mix(products: F64, child: int, parents: Mask) -> Mix | None:
    """Return the two models that `child` is a merge of, None when it is no merge.

    `products` (n, n) are correlations of centred responses (see `app.dna.scores.surprises`);
    `parents` (n,) are the models that may be its parents.
    """
    to_child = products[child]
    pool = np.flatnonzero(parents & (to_child >= FAR) & (to_child < NEAR_COPY))
    pool = pool[pool != child]
    if len(pool) < 2:
        return None
    gains, shares = _mixes(to_child[pool], products[np.ix_(pool, pool)])
    best = int(np.argmin(gains))
    if gains.flat[best] > MOST_GAIN:
        return None
    first, second = np.unravel_index(best, gains.shape)
    share, gain = float(shares[first, second]), float(gains[first, second])
    return Mix(int(pool[first]), int(pool[second]), share, gain)


def _mixes(to_child: F64, among: F64) -> tuple[F64, F64]:
    """Gains and first shares of all pairs, (m, m), of the least squares fit; infinite: no mix."""
    one, two = to_child[:, None], to_child[None]
    paired = np.triu((among >= FAR) & (among < NEAR_COPY), 1)
    g = np.where(paired, among, 0.0)
    first, second = (one - g * two) / (1 - g * g), (two - g * one) / (1 - g * g)
    total = np.where(first + second > 0, first + second, 1.0)
    shares = first / total
    mixed = paired & (np.minimum(shares, 1 - shares) >= LEAST_SHARE)
    fits = np.sqrt(np.where(mixed, first * one + second * two, 0.0))
    gains = (1 - fits) / (1 - np.maximum(one, two))
    return np.where(mixed, gains, np.inf), shares
