"""Pairs are compared once: what is asked again is not compared again."""

import numpy as np
import numpy.typing as npt
import pytest

from app.services.trees import kept_pairs
from app.services.trees.kept_pairs import KeptPairs

POINTS = np.random.default_rng(0).normal(size=(9, 3))
EXACT = np.linalg.norm(POINTS[:, None] - POINTS[None], axis=2)


def among(kept: KeptPairs, seqs: list[int], kind: str = "r") -> list[int]:
    """Ask, check what comes, and return the entries that had to be compared."""
    compared: list[int] = []

    def block(new: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        compared.extend(seqs[place] for place in new)
        return EXACT[np.ix_([seqs[place] for place in new], seqs)]

    found = kept.among(kind, seqs, block)
    np.testing.assert_allclose(found, EXACT[np.ix_(seqs, seqs)])
    assert (found == found.T).all()
    return compared


def test_known_pairs_are_not_compared_again() -> None:
    kept = KeptPairs()
    assert len(among(kept, [0, 1, 2])) == 2, "their pairs with the third are known then"
    assert among(kept, [2, 0]) == []
    assert among(kept, [2, 5, 0]) == [5]
    assert among(kept, [5, 2]) == []
    assert len(among(kept, [5, 1])) == 1, "both are known, but not as a pair"
    assert among(kept, [0, 8, 1, 2]) == [8]
    among(kept, list(range(9)))
    assert among(kept, [8, 3, 1]) == []


def test_another_reference_sees_otherwise() -> None:
    kept = KeptPairs()
    for number in range(kept_pairs.MOST_KINDS + 1):
        assert among(kept, [0, 1], f"r{number}")
    assert not among(kept, [0, 1], "r1")
    assert among(kept, [0, 1], "r0"), "the one that was not asked for the longest is forgotten"


def test_no_more_are_kept_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_pairs, "MOST_KEPT", 4)
    kept = KeptPairs()
    assert among(kept, [0, 1, 2])
    assert among(kept, [5, 6]), "there is no room beside them"
    assert not among(kept, [5, 6])
    assert among(kept, [0, 1, 2, 3, 4])
    assert among(kept, [0, 1, 2, 3, 4]), "too many to keep"


def test_what_is_given_is_the_callers_own() -> None:
    kept = KeptPairs()
    first = kept.among("r", [0, 1], lambda new: EXACT[np.ix_(new, [0, 1])])
    first[:] = 7
    assert among(kept, [0, 1]) == []
