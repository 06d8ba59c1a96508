"""References: when one is due, and what it holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.probes import ProbeSet
from app.dna.protocol import reported_answers
from app.dna.reference import SMALLEST_POPULATION, Reference, RunningMean, absent, is_due

PROTOCOL = reported_answers(ProbeSet("mine", ("one", "two")))


def frozen_at(n_models: int, cohort: tuple[int, ...] = (1, 2, 3)) -> Reference:
    if not n_models:
        return absent(PROTOCOL)
    return Reference(PROTOCOL.digest, 1, n_models, absent(PROTOCOL).mean, cohort)


def test_the_mean_is_the_mean() -> None:
    strands = np.random.default_rng(3).normal(size=(9, *PROTOCOL.shape)).astype(np.float16)
    running = RunningMean(PROTOCOL)
    for strand in strands:
        running.add(strand)
    assert running.count == 9
    assert running.mean().dtype == np.float32
    assert np.allclose(running.mean(), strands.astype(np.float64).mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [(0, 29, False), (0, 30, True), (30, 32, False), (30, 33, True), (1000, 1099, False)],
)
def test_it_is_due_at_thirty_and_after_growth_by_a_tenth(before: int, now: int, due: bool) -> None:
    assert is_due(frozen_at(before), now) is due


@given(n=st.integers(0, 10_000), more=st.integers(0, 1000))
def test_once_due_it_stays_due_until_it_is_frozen(n: int, more: int) -> None:
    before = frozen_at(max(n, SMALLEST_POPULATION))
    assert not is_due(before, before.n_models)
    assert is_due(before, before.n_models + more) is (10 * more >= before.n_models)


def test_one_of_a_release_that_knew_no_cohorts_is_due_at_once() -> None:
    old = frozen_at(1000, cohort=())
    assert is_due(old, 1000)
    assert is_due(old, 30)
    assert not is_due(old, 29), "entries are never taken away, but nobody is read by so few"
    assert not is_due(frozen_at(1000), 1000), "one without a null, as of one family, is not"


def test_the_absent_one_centres_nothing_and_knows_nothing() -> None:
    nothing = absent(PROTOCOL)
    assert not nothing.mean.any()
    assert (nothing.version, nothing.n_models, nothing.cohort, nothing.null) == (0, 0, (), None)


def test_a_version_is_the_same_statistics_under_a_number() -> None:
    one = frozen_at(40)
    other = one.numbered(7)
    assert (one.version, other.version) == (1, 7)
    assert other.mean is one.mean
    assert (other.cohort, other.n_models) == (one.cohort, one.n_models)
