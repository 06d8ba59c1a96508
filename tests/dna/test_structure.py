"""Structure: strangers stand at 0 whatever they have in common in groups; relatives stand out."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dna.scores import rooted_cosine
from app.dna.structure import Placed, Structure
from tests import planted
from tests.planted import F64

NOBODY = -1
SEEDS = st.integers(0, 2**32 - 1)
N_COHORT = 120

Strands = npt.NDArray[np.floating]


def structure(cohort: Strands) -> Structure:
    return Structure(rooted_cosine, cohort, cohort.mean(axis=0, dtype=np.float64))


def outsiders(of: Structure, strands: Strands) -> Placed:
    return of.placed(strands, np.full(len(strands), NOBODY))


def off_diagonal(standings: F64) -> F64:
    return standings[~np.eye(len(standings), dtype=bool)]


@given(seed=SEEDS)
@settings(max_examples=10)
def test_strangers_stand_at_nought_give_or_take_one(seed: int) -> None:
    strands = planted.answers(np.random.default_rng(seed), planted.families(0, 0, alone=200))
    cohort = strands[:N_COHORT]
    found = structure(cohort)
    members = found.placed(cohort, np.arange(N_COHORT))
    others = outsiders(found, strands[N_COHORT:])
    for a, b in ((members, members), (others, others), (members, others)):
        standings = found.compare(a, b)[1]
        some = standings if a is not b else off_diagonal(standings)
        assert abs(some.mean()) < 0.4
        assert 0.8 < some.std() < 1.2


@given(seed=SEEDS)
@settings(max_examples=10)
def test_the_order_of_two_models_does_not_count(seed: int) -> None:
    strands = planted.answers(np.random.default_rng(seed), planted.families(2, 3, alone=54))
    found = structure(strands[:40])
    a = found.placed(strands[:30], np.arange(30))
    b = outsiders(found, strands[40:])
    for one, other in zip(found.compare(a, b), found.compare(b, a), strict=True):
        assert one.shape == (30, 20)
        assert np.allclose(one, other.T, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_a_relative_stands_far_out_whoever_is_in_the_cohort(seed: int) -> None:
    """Also where a third of the family is there, which could explain the two away."""
    rng = np.random.default_rng(seed)
    strands = planted.answers(rng, planted.families(1, 3, alone=157), kinship=0.6)
    family, rest = strands[:3], strands[3:]
    for n_there in range(4):
        found = structure(np.concatenate([family[:n_there], rest[: N_COHORT - n_there]]))
        there = np.arange(3)
        there[n_there:] = NOBODY
        standings = found.compare(found.placed(family, there), found.placed(family, there))[1]
        strangers = found.compare(found.placed(family, there), outsiders(found, rest[-30:]))[1]
        assert off_diagonal(standings).min() > 5
        assert strangers.max() < 5


@pytest.mark.parametrize("seed", range(3))
def test_those_of_one_style_are_no_relatives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    styles = rng.choice([-0.2, 0.2], size=(200, 1))
    strands = planted.answers(rng, planted.families(0, 0, alone=200), styles=styles)
    found = structure(strands[:N_COHORT])
    others = outsiders(found, strands[N_COHORT:])
    style = styles[N_COHORT:, 0]
    same = np.equal.outer(style, style) & ~np.eye(len(style), dtype=bool)
    scores, standings = found.compare(others, others)

    def apart(values: F64) -> float:
        """How far the same style is from another, in deviations within."""
        return float(
            (values[same].mean() - values[style[:, None] != style].mean()) / values[same].std()
        )

    assert apart(scores) > 2, "by score they look like it"
    assert abs(apart(standings)) < 0.5
    assert abs(standings[same]).max() < 5


def test_a_member_is_not_compared_with_itself() -> None:
    """Its score of 1 with itself would be the first of its relatives."""
    strands = planted.answers(np.random.default_rng(6), planted.families(0, 0, alone=60))
    found = structure(strands[:50])
    as_member = found.placed(strands[:50], np.arange(50))
    as_other = outsiders(found, strands[:50])
    assert np.isfinite(as_member.deviation).all()
    level = rooted_cosine(strands[:1], strands[1:50], found.centre_of(as_member, as_member))
    assert as_member.level[0] == pytest.approx(np.median(level))
    shift = found.compare(as_other, as_other)[1] - found.compare(as_member, as_member)[1]
    assert abs(off_diagonal(shift)).max() > 0.1, "what it explains of itself is no evidence"


def test_all_pairs_are_read_against_one_centre() -> None:
    strands = planted.answers(np.random.default_rng(7), planted.families(0, 0, alone=40))
    centre = strands.mean(axis=0, dtype=np.float64)
    found = Structure(rooted_cosine, strands, centre)
    seen = outsiders(found, strands[:3])
    scores, _ = found.compare(seen, seen)
    assert np.allclose(scores, rooted_cosine(strands[:3], strands[:3], centre), atol=1e-6)
    assert found.centre_of(seen, seen) is centre


@pytest.mark.parametrize("n_kinds", [1, 2, 3, 38])
def test_models_that_answer_alike_give_numbers(n_kinds: int) -> None:
    kinds = planted.answers(np.random.default_rng(8), planted.families(0, 0, alone=n_kinds))
    for strands in (kinds[np.arange(40) % n_kinds], np.zeros((40, *planted.ANSWERS.shape))):
        found = structure(strands)
        members = found.placed(strands, np.arange(40))
        empty = outsiders(found, np.zeros((2, *planted.ANSWERS.shape)))
        for a, b in ((members, members), (members, empty), (empty, empty)):
            assert all(np.isfinite(numbers).all() for numbers in found.compare(a, b))
