"""Populations: p-values that mean what they say, for strangers that took no part in them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna import nulls
from app.dna.population import MOST_COHORT, Compared, Population, absent, cohort_of, freeze
from app.dna.protocol import Protocol, likelihood_v1, reported_vectors
from app.dna.scores import Strands, score
from tests import planted
from tests.planted import ANSWERS, F64, LIKELIHOODS

KINDS = pytest.mark.parametrize(
    ("protocol", "draw"),
    [(ANSWERS, planted.answers), (LIKELIHOODS, planted.likelihoods)],
    ids=["answers", "likelihoods"],
)
Draw = Callable[..., Strands]
VECTORS = reported_vectors("vectors", 24)


def among(population: Population, strands: Strands, are_members: bool) -> Compared:
    places = np.arange(len(strands)) if are_members else None
    seen = population.seen(strands, places)
    return population.compare(seen, seen)


def pairs(of: Sequence[int]) -> tuple[F64, F64]:
    """Masks (n, n) of the pairs of one family, and of those of two; each pair once."""
    same = np.equal.outer(of, of)
    return np.triu(same, 1), np.triu(~same, 1)


def shares(p_values: F64) -> list[float]:
    return [float((p_values <= level).mean()) for level in (0.01, 0.05)]


@KINDS
def test_p_values_of_strangers_that_took_no_part_are_calibrated(
    protocol: Protocol, draw: Draw
) -> None:
    drawn = []
    for seed in range(3):
        of = planted.families(60, 3, alone=120)
        strands = draw(np.random.default_rng(seed), of)
        population = freeze(protocol, strands[:180], planted.names(of[:180]))
        found = among(population, strands[180:], are_members=False)
        drawn.append(found.p_value[pairs(of[180:])[1]])
    first, second = shares(np.concatenate(drawn))
    assert 0.003 < first < 0.02
    assert 0.02 < second < 0.08


@KINDS
@pytest.mark.parametrize("seed", range(3))
def test_relatives_are_found_and_no_more_strangers_than_it_says(
    protocol: Protocol, draw: Draw, seed: int
) -> None:
    of = planted.families(30, 3)
    strands = draw(np.random.default_rng(seed), of)
    population = freeze(protocol, strands, planted.names(of))
    found = among(population, strands, are_members=True)
    kin, strangers = pairs(of)
    assert found.p_value[kin].max() < 0.01
    assert shares(found.p_value[strangers]) == pytest.approx([0.01, 0.05], abs=0.006)
    order = found.standing - np.diag(np.full(len(of), np.inf))
    assert np.array(of)[order.argmax(axis=1)].tolist() == of, "the nearest is of the family"


@KINDS
def test_relatives_that_nobody_declared_leave_the_null(protocol: Protocol, draw: Draw) -> None:
    of = planted.families(30, 3)
    strands = draw(np.random.default_rng(4), of, kinship=0.95)
    told = freeze(protocol, strands, planted.names(of))
    untold = freeze(protocol, strands, [""] * len(of))
    assert told.null is not None
    assert untold.null is not None
    highest = [null.quantiles[-1] for null in (told.null, untold.null)]
    assert highest[1] < among(told, strands, are_members=True).standing[pairs(of)[0]].max() / 2
    if protocol is LIKELIHOODS:
        assert np.allclose(told.null.quantiles, untold.null.quantiles)


@KINDS
def test_a_frozen_population_can_be_made_anew(protocol: Protocol, draw: Draw) -> None:
    """From what a reference keeps: cohort, centre, families and null."""
    of = planted.families(20, 2)
    strands = draw(np.random.default_rng(5), of)
    first = freeze(protocol, strands, planted.names(of))
    again = Population(protocol, first.cohort, first.centre, planted.names(of), first.null)
    for are_members in (True, False):
        one, other = (among(made, strands, are_members) for made in (first, again))
        assert np.array_equal(one.score, other.score)
        assert np.array_equal(one.standing, other.standing)
        assert np.array_equal(one.p_value, other.p_value)


@KINDS
def test_a_few_models_say_the_same_alone_as_among_others(protocol: Protocol, draw: Draw) -> None:
    of = planted.families(20, 2)
    strands = draw(np.random.default_rng(6), of)
    population = freeze(protocol, strands, [""] * len(of))
    everyone = among(population, strands, are_members=True)
    some = np.array([3, 31])
    one, other = (population.seen(strands[[at]], np.array([at])) for at in some)
    pair = population.compare(one, other)
    for name in ("score", "standing", "p_value"):
        alone = getattr(pair, name)
        assert alone.shape == (1, 1)
        assert alone[0, 0] == pytest.approx(getattr(everyone, name)[3, 31], rel=1e-3, abs=1e-5)


@KINDS
def test_the_score_is_read_against_the_centre_that_is_named(protocol: Protocol, draw: Draw) -> None:
    of = planted.families(15, 2)
    strands = draw(np.random.default_rng(7), of, kinship=0.8)
    population = freeze(protocol, strands, planted.names(of))
    a, b = (population.seen(strands[[at]], np.array([at])) for at in (0, 15))
    centre = population.centre_of(a, b)
    expected = score(protocol, strands[[0]], strands[[15]], centre)
    assert population.compare(a, b).score == pytest.approx(expected)


@given(st.integers(1, 5000))
def test_a_cohort_is_spread_over_all(n: int) -> None:
    chosen = cohort_of(n)
    assert len(chosen) == min(n, MOST_COHORT)
    assert (np.diff(chosen) > 0).all()
    assert (chosen[0], chosen[-1]) == (0, n - 1)
    steps = np.diff(chosen)
    assert len(steps) == 0 or steps.max() - steps.min() <= 1


def test_of_a_large_population_a_cohort_stands_for_all() -> None:
    of = planted.families(100, 3)
    rng = np.random.default_rng(8)
    strands = planted.answers(rng, of)
    population = freeze(ANSWERS, strands, planted.names(of))
    assert population.n_cohort == MOST_COHORT < len(of)
    assert np.array_equal(population.cohort, strands[cohort_of(len(of))])
    assert np.allclose(population.centre, strands.astype(float).mean(axis=0)), "of all of them"
    found = among(population, strands[:60], are_members=False)
    assert shares(found.p_value[pairs(of[:60])[1]])[1] < 0.08


def test_without_a_population_there_are_scores_only() -> None:
    nobody = absent(ANSWERS)
    strands = planted.answers(np.random.default_rng(9), planted.families(2, 2))
    found = among(nobody, strands, are_members=False)
    assert (nobody.n_cohort, nobody.null) == (0, None)
    centre = np.zeros(ANSWERS.shape)
    assert np.array_equal(found.score, score(ANSWERS, strands, strands, centre))
    assert np.isnan(found.standing).all()
    assert np.isnan(found.p_value).all()
    seen = nobody.seen(strands)
    assert not np.any(nobody.centre_of(seen, seen))


@KINDS
def test_a_population_of_one_family_has_no_strangers(protocol: Protocol, draw: Draw) -> None:
    strands = draw(np.random.default_rng(10), [0] * 30)
    population = freeze(protocol, strands, ["one"] * 30)
    assert population.null is None
    found = among(population, strands, are_members=True)
    assert np.isfinite(found.standing).all()
    assert np.isnan(found.p_value).all()


def test_half_of_a_p_value_is_of_the_null_that_ships() -> None:
    """Which holds look-alikes, as a small population may not."""
    of = planted.families(20, 2)
    strands = planted.likelihoods(np.random.default_rng(11), of)
    own, both = (freeze(p, strands, planted.names(of)) for p in (LIKELIHOODS, likelihood_v1()))
    shipped = nulls.shipped(likelihood_v1().name)
    assert shipped is not None
    asked = np.linspace(-3, 60, 50)
    expected = (own.p_values(asked) + shipped.p_values(asked)) / 2
    assert both.p_values(asked) == pytest.approx(expected)
    assert (both.p_values(asked) >= shipped.p_values(asked) / 2).all()


def test_vectors_that_were_handed_in_are_read_the_same_way() -> None:
    rng = np.random.default_rng(12)
    families = rng.normal(size=(20, 1, 24))
    strands = (np.tile(families, (3, 1, 1)) + 0.5 * rng.normal(size=(60, 1, 24))).astype("f4") + 5
    of = planted.families(20, 3)
    population = freeze(VECTORS, strands, planted.names(of))
    found = among(population, strands, are_members=True)
    kin, strangers = pairs(of)
    assert np.median(found.p_value[kin]) < 0.001
    assert shares(found.p_value[strangers])[1] == pytest.approx(0.05, abs=0.006)


@KINDS
def test_copies_and_empty_models_give_numbers(protocol: Protocol, draw: Draw) -> None:
    strands = draw(np.random.default_rng(13), planted.families(0, 0, alone=40))
    strands[5] = strands[4]
    strands[6:8] = 0
    population = freeze(replace(protocol, name="odd"), strands, [""] * 40)
    found = among(population, strands, are_members=True)
    assert np.isfinite(found.standing).all()
    assert ((found.p_value > 0) & (found.p_value <= 1)).all()
    assert found.score[4, 5] == pytest.approx(1)
    assert found.p_value[4, 5] < 1e-6
