"""Relations: what a pair's numbers let one say, in one of five words.

Every word has an operating point, measured on models whose genealogy is known; docs/relations.md
has the curves. What was not measured is not said: then a pair is `related` at best.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from app.dna.protocol import Encoder, Protocol

F64 = npt.NDArray[np.float64]
Verdict = Literal["same weights", "direct relative", "related", "unrelated", "inconclusive"]

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
RELATIVES: frozenset[Verdict] = frozenset({"same weights", "direct relative", "related"})

# The share of false ones among the relatives of one query that is put up with.
FALSE_DISCOVERIES = 0.05
NEVER = float("inf")


@dataclass(frozen=True)
class OperatingPoints:
    """From where on a word is said. A relative of any kind needs `p_value` and FALSE_DISCOVERIES.

    `same_weights` and `related` are least scores; `direct_score` and `direct_standing` are the
    least score and standing of a direct relative; a pair is unrelated when it scores and stands
    below both `unrelated_score` and `unrelated_standing` and its p-value is above `p_unrelated`.
    """

    p_value: float
    same_weights: float = NEVER
    direct_score: float = -1.0
    direct_standing: float = NEVER
    related: float = -1.0
    unrelated_score: float = 1.0
    unrelated_standing: float = -NEVER
    p_unrelated: float = 0.05


# Six nurseries. No unrelated pair, look-alikes included, scores 0.80; a quantised copy scores
# 0.9999, a damaged one 0.99, the nearest other relative 0.988; distilled students, which may be
# as near to a look-alike as to their teacher, lie between 0.60 and 0.83.
LIKELIHOOD = OperatingPoints(
    p_value=0.001,
    same_weights=0.995,
    direct_score=0.95,
    direct_standing=-NEVER,
    related=0.80,
    unrelated_score=0.65,
    unrelated_standing=NEVER,
)
# Real answers. 45 of 48 direct relatives stand above 5, as do 2 of 1,000 unrelated pairs; answers
# that are nearly all equal are one model's; 1 in 20 pairs of one base checkpoint stands below -1,
# and above it a text cannot rule out that the base is shared.
LEXICAL = OperatingPoints(
    p_value=0.01,
    same_weights=0.90,
    direct_standing=5.0,
    unrelated_standing=-1.0,
)
MEASURED: dict[Encoder, OperatingPoints] = {"likelihood": LIKELIHOOD, "lexical": LEXICAL}
UNMEASURED = OperatingPoints(p_value=0.001)


def operating_points(protocol: Protocol) -> OperatingPoints:
    """Those of the protocol's encoder."""
    return MEASURED.get(protocol.encoder, UNMEASURED)


def verdict(
    protocol: Protocol,
    score: float,
    standing: float | None,
    p_value: float | None,
    q_value: float | None,
) -> Verdict:
    """The word for a pair; `inconclusive` without a reference, and where no other is justified.

    `q_value` is the p-value after `false_discovery` over all that was asked at once.
    """
    if standing is None or p_value is None or q_value is None:
        return "inconclusive"
    points = operating_points(protocol)
    if p_value <= points.p_value and q_value <= FALSE_DISCOVERIES and score >= points.related:
        if score >= points.same_weights:
            return "same weights"
        is_direct = score >= points.direct_score and standing >= points.direct_standing
        return "direct relative" if is_direct else "related"
    is_low = score < points.unrelated_score and standing < points.unrelated_standing
    return "unrelated" if is_low and p_value > points.p_unrelated else "inconclusive"


def false_discovery(p_values: F64, n_tests: int) -> F64:
    """Adjusted p-values (n,) of the n least of `n_tests` tests (Benjamini and Hochberg 1995).

    Keeping what is at most x keeps a share of at most x false ones, where tests are independent
    or positively dependent. Whoever looks for the nearest of a whole population makes a test a
    model, not one a candidate.
    """
    n = len(p_values)
    ranks = np.arange(n, 0, -1)
    order = np.argsort(p_values)[::-1]
    adjusted = np.empty(n)
    adjusted[order] = np.minimum.accumulate(p_values[order] * max(n, n_tests) / ranks)
    bounded: F64 = adjusted.clip(0.0, 1.0)
    return bounded
