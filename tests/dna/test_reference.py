"""References: when one is due, and what it holds."""

import numpy as np
import pytest

from app.dna.probes import ProbeSet
from app.dna.protocol import reported_answers
from app.dna.reference import Reference, RunningMean, absent, is_due

PROTOCOL = reported_answers(ProbeSet("mine", ("one", "two")))


def test_the_mean_is_the_mean() -> None:
    strands = np.random.default_rng(3).normal(size=(9, 2, 64)).astype(np.float16)
    mean = RunningMean(PROTOCOL)
    for strand in strands:
        mean.add(strand)
    reference = mean.freeze(PROTOCOL, 4)
    assert (reference.version, reference.n_models) == (4, 9)
    assert np.allclose(reference.mean, strands.astype(np.float64).mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("frozen_at", "now", "due"),
    [(0, 29, False), (0, 30, True), (30, 32, False), (30, 33, True), (1000, 1099, False)],
)
def test_it_is_due_at_thirty_and_after_growth_by_a_tenth(
    frozen_at: int, now: int, due: bool
) -> None:
    current = absent(PROTOCOL)
    if frozen_at:
        current = Reference(PROTOCOL.digest, 1, frozen_at, current.mean)
    assert is_due(current, now) is due


def test_the_absent_one_centres_nothing() -> None:
    assert not absent(PROTOCOL).mean.any()
    assert absent(PROTOCOL).version == 0
