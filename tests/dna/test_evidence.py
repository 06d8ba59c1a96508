"""What a score is made of adds up to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.evidence import (
    BINS,
    ends,
    null_curve,
    probe_scores,
    ranked,
    standardised,
    word_scores,
)
from app.dna.nulls import Null
from app.dna.population import Population, freeze
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol, likelihood_v1, reported_answers, reported_vectors
from app.dna.scores import Strands, score

SCORED = likelihood_v1()
ANSWERED = reported_answers(ProbeSet("some", tuple(f"probe {i}" for i in range(12))))
CENTRE = np.zeros(ANSWERED.shape)
seeds = st.integers(0, 2**32 - 1)
protocols = st.sampled_from([SCORED, ANSWERED, reported_vectors("given", 7)])


def strands(protocol: Protocol, n: int, seed: int) -> Strands:
    """Models of one population: what they have in common, and what is their own."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=protocol.shape) + 0.5 * rng.normal(size=(n, *protocol.shape))
    if protocol.response == "likelihood":
        values = -np.exp(values)
    return values.astype(protocol.dtype)


def centre_of(protocol: Protocol, n: int, seed: int) -> Strands:
    return strands(protocol, n, seed).mean(axis=0) if n else np.zeros(protocol.shape)


@given(protocols, seeds, st.sampled_from([0, 5]))
def test_the_mean_of_what_probes_add_is_the_score(
    protocol: Protocol, seed: int, n_centre: int
) -> None:
    a, b = strands(protocol, 2, seed)
    centre = centre_of(protocol, n_centre, seed)
    scores = probe_scores(protocol, a, b, centre)
    assert scores.shape == (protocol.n_probes,)
    whole = score(protocol, a[None], b[None], centre)[0, 0]
    assert scores.mean() == pytest.approx(whole, abs=1e-6)
    np.testing.assert_allclose(probe_scores(protocol, b, a, centre), scores, atol=1e-6)


@given(seeds, st.sampled_from([0, 5]))
def test_the_mean_of_what_words_add_is_what_their_passage_adds(seed: int, n_centre: int) -> None:
    a, b = strands(SCORED, 2, seed)
    centre = centre_of(SCORED, n_centre, seed)
    words = word_scores(a, b, centre)
    np.testing.assert_allclose(words.mean(axis=1), probe_scores(SCORED, a, b, centre))
    surprise = standardised(a, centre)
    assert (surprise.mean(), surprise.var()) == (pytest.approx(0), pytest.approx(1))
    np.testing.assert_allclose(words, surprise * standardised(b, centre))


def test_a_model_that_is_its_own_population_says_nothing() -> None:
    a = strands(ANSWERED, 1, 0)[0].astype(np.float64)
    assert not probe_scores(ANSWERED, a, a, a).any()


def test_a_surprise_is_positive_where_a_model_is_more_surprised() -> None:
    centre = strands(SCORED, 1, 1)[0]
    model = centre.copy()
    model[3, 4] *= 1.4
    model[5, 6] /= 1.4
    surprise = standardised(model, centre)
    assert np.unravel_index(surprise.argmax(), surprise.shape) == (3, 4)
    assert np.unravel_index(surprise.argmin(), surprise.shape) == (5, 6)


@given(
    st.lists(st.sampled_from([-0.5, 0.0, 0.25, 1.0]), min_size=1, max_size=12), st.integers(1, 9)
)
def test_the_ends_of_the_ranking_are_its_extremes_and_never_meet(
    values: list[float], n: int
) -> None:
    order = ranked(np.array(values))
    assert sorted(order) == list(range(len(values)))
    first, last = ends(order, n)
    ordered = [values[i] for i in order]
    assert ordered == sorted(values, reverse=True)
    assert [values[i] for i in first] == ordered[: len(first)]
    assert [values[i] for i in last] == ordered[::-1][: len(last)]
    assert not set(first) & set(last)
    assert len(first) + len(last) == min(2 * n, len(values), n + len(values) // 2)


@pytest.fixture(scope="module", params=["likelihood", "answer"])
def population(request: pytest.FixtureRequest) -> Population:
    protocol = SCORED if request.param == "likelihood" else ANSWERED
    return freeze(protocol, strands(protocol, 31, 3), [""] * 31)


@pytest.mark.parametrize("standing", [0.0, 8.0, -30.0, 1e9])
def test_the_null_curve_is_the_null_of_the_p_values(
    population: Population, standing: float
) -> None:
    assert population.null is not None
    curve = null_curve(population, population.null, standing)
    assert (curve.edges.shape, curve.shares.shape) == ((BINS + 1,), (BINS,))
    assert (np.diff(curve.edges) > 0).all()
    assert (curve.shares >= 0).all()
    above = curve.shares[::-1].cumsum()[::-1] + population.p_values(curve.edges[-1:])
    np.testing.assert_allclose(above, population.p_values(curve.edges[:-1]))
    low, high = population.null.quantiles[[0, -1]]
    assert curve.edges[0] < low < high < curve.edges[-1]
    if low - (high - low) < standing < high + (high - low):
        assert curve.edges[0] < standing < curve.edges[-1]


def test_all_standings_are_counted(population: Population) -> None:
    assert population.null is not None
    curve = null_curve(population, population.null, 0.0)
    middle = (curve.edges[:-1] + curve.edges[1:]) / 2
    np.testing.assert_array_equal(curve.counts(middle), np.ones(BINS))
    counts = curve.counts(np.array([-1e9, 1e9, 1e9]))
    assert (counts[0], counts[-1], counts.sum()) == (1, 2, 3)


def test_a_null_without_width_has_a_curve() -> None:
    equal = Null(np.full(3, 2.0))
    population = Population(ANSWERED, strands(ANSWERED, 31, 3), CENTRE, [""] * 31, equal)
    curve = null_curve(population, equal, 2.0)
    assert (np.diff(curve.edges) > 0).all()
    assert np.isfinite(curve.shares).all()
