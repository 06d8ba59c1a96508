"""Evidence for a derivation graph: the words for all pairs of some models, judged at once."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from app.dna.population import Compared
from app.dna.protocol import Protocol
from app.dna.relations import RELATIVES, Verdict, false_discovery, verdict
from app.lineage.members import Evidence

F64 = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def read_evidence(
    protocol: Protocol, compared: Compared, blind: Mask, n_tests: int, likeness: F64 | None
) -> Evidence:
    """What n models say of each other; `compared` is of all with all, (n, n).

    `blind` (n, n) are pairs with a flag that says that they must not be matched; each model's
    relatives are the nearest of `n_tests` models, as when it is asked alone. Without a reference
    everything is unclear. O(n^2 log n).
    """
    pairs = ~np.eye(len(blind), dtype=bool)
    if np.isnan(compared.p_value).all():
        nobody = np.zeros_like(blind)
        return Evidence(nobody, pairs, np.full(blind.shape, np.nan))
    words = _words(protocol, compared, n_tests)
    told = pairs & ~blind
    related = told & np.isin(words, list(RELATIVES))
    unclear = pairs & ~related & ~(told & (words == "unrelated"))
    return Evidence(related, unclear, _distances(compared, likeness), likeness)


def claim_verdicts(
    protocol: Protocol, compared: Compared, blind: Mask, child: int, bases: Iterable[int]
) -> dict[int, Verdict]:
    """The words for a model and the bases that it declares: as many tests as there are of them."""
    tested = list(bases)
    p_values = compared.p_value[child, tested]
    if np.isnan(p_values).any():
        return dict.fromkeys(tested, "inconclusive")
    found: dict[int, Verdict] = {}
    for base, q in zip(tested, false_discovery(p_values, len(tested)), strict=True):
        numbers = (compared.score, compared.standing, compared.p_value)
        score, standing, p = (float(values[child, base]) for values in numbers)
        word = verdict(protocol, score, standing, p, float(q))
        found[base] = "inconclusive" if blind[child, base] else word
    return found


def _words(protocol: Protocol, compared: Compared, n_tests: int) -> npt.NDArray[np.object_]:
    adjusted = np.ones_like(compared.p_value)
    everyone = np.arange(len(adjusted))
    for row, p_values in enumerate(compared.p_value):
        others = everyone != row
        adjusted[row, others] = false_discovery(p_values[others], n_tests)
    numbers = (compared.score, compared.standing, compared.p_value, adjusted)
    rows = zip(*(values.ravel().tolist() for values in numbers), strict=True)
    said = (verdict(protocol, *row) for row in rows)
    return np.fromiter(said, dtype=object, count=adjusted.size).reshape(adjusted.shape)


def _distances(compared: Compared, likeness: F64 | None) -> F64:
    """One less the correlation, which adds up along a line; else the inverse of the standing.

    Whoever stands no higher than strangers is infinitely far.
    """
    if likeness is not None:
        return 1.0 - likeness
    far = np.full_like(compared.standing, np.inf)
    return np.divide(1.0, compared.standing, out=far, where=compared.standing > 0)
