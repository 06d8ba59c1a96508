"""Merges: a mix of two is found whatever its shares, other children are none."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from app.lineage.merging import LEAST_SHARE, MOST_GAIN, Mix, find_mix

F64 = npt.NDArray[np.float64]
SEEDS = st.integers(0, 10_000)


def correlations(rows: F64) -> F64:
    centred = rows - rows.mean(axis=1, keepdims=True)
    units = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    found: F64 = units @ units.T
    return found


def family(seed: int) -> tuple[F64, F64, F64, np.random.Generator]:
    """A base (1000,) and two children that went different ways, correlated with it by about 0.8."""
    rng = np.random.default_rng(seed)
    base = rng.standard_normal(1000)
    one, two = (base + 0.8 * rng.standard_normal(1000) for _ in range(2))
    return base, one, two, rng


def mix_of(rows: list[F64], child: int, allowed: list[int] | None = None) -> Mix | None:
    parents = np.zeros(len(rows), dtype=bool)
    parents[allowed if allowed is not None else slice(None)] = True
    return find_mix(correlations(np.array(rows)), child, parents)


@given(SEEDS, st.floats(LEAST_SHARE + 0.05, 0.95 - LEAST_SHARE))
def test_a_mix_tells_its_parents_and_their_shares(seed: int, share: float) -> None:
    base, one, two, rng = family(seed)
    merged = share * one + (1 - share) * two + 0.05 * rng.standard_normal(1000)
    found = mix_of([base, one, two, merged], 3)
    assert found is not None
    assert (found.first, found.second) == (1, 2)
    assert abs(found.share - share) < 0.05
    assert 0 <= found.gain < MOST_GAIN


@given(SEEDS)
def test_what_learned_something_of_its_own_is_no_mix(seed: int) -> None:
    base, one, two, rng = family(seed)
    child = one + 0.4 * rng.standard_normal(1000)
    rows = [base, one, two, child]
    assert [mix_of(rows, index) for index in range(4)] == [None] * 4


@given(SEEDS)
def test_only_those_that_may_be_parents_are(seed: int) -> None:
    base, one, two, _ = family(seed)
    rows = [base, one, two, (one + two) / 2]
    assert mix_of(rows, 3, [1]) is None
    assert mix_of(rows, 3, [1, 2]) is not None
    assert mix_of(rows, 3, []) is None


def test_near_copies_and_strangers_are_no_parents() -> None:
    base, one, _, rng = family(1)
    copy = one + 0.01 * rng.standard_normal(1000)
    stranger = rng.standard_normal(1000)
    assert mix_of([one, copy, (one + copy) / 2], 2) is None
    assert mix_of([base, stranger, base + stranger], 2) is None
