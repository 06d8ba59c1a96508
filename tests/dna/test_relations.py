"""Relations: which word is said from where on, and that none is said on too little."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.protocol import (
    Protocol,
    lexical_sampled_v1,
    lexical_v1,
    likelihood_v1,
    reported_vectors,
)
from app.dna.relations import (
    FALSE_DISCOVERIES,
    LEXICAL,
    LIKELIHOOD,
    RELATIVES,
    UNMEASURED,
    VERDICTS,
    false_discovery,
    operating_points,
    verdict,
)
from tests.planted import F64

SENTENCES = replace(lexical_sampled_v1(), name="sentences", encoder="sentence")
VECTORS = reported_vectors("vectors", 3)
PROTOCOLS = st.sampled_from([likelihood_v1(), lexical_v1(), SENTENCES, VECTORS])
SCORES = st.floats(-1, 1)
STANDINGS = st.floats(-50, 50)
P_VALUES = st.floats(0, 1)

LIKELY, WORDS = likelihood_v1(), lexical_v1()


@pytest.mark.parametrize(
    ("protocol", "score", "standing", "p_value", "word"),
    [
        (LIKELY, 0.999, 120.0, 1e-9, "same weights"),
        (LIKELY, 0.98, 70.0, 1e-9, "direct relative"),
        (LIKELY, 0.85, 40.0, 1e-4, "related"),
        (LIKELY, 0.85, 40.0, 0.002, "inconclusive"),
        (LIKELY, 0.70, 27.0, 1e-4, "inconclusive"),
        (LIKELY, 0.70, 27.0, 0.2, "inconclusive"),
        (LIKELY, 0.10, 3.0, 0.2, "unrelated"),
        (LIKELY, 0.10, 3.0, 0.04, "inconclusive"),
        (WORDS, 0.95, 30.0, 1e-9, "same weights"),
        (WORDS, 0.50, 9.0, 1e-9, "direct relative"),
        (WORDS, 0.95, 4.0, 0.005, "same weights"),
        (WORDS, 0.20, 3.0, 0.005, "related"),
        (WORDS, 0.20, 3.0, 0.02, "inconclusive"),
        (WORDS, 0.00, 0.0, 0.5, "inconclusive"),
        (WORDS, -0.10, -1.5, 0.9, "unrelated"),
        (SENTENCES, 0.99, 30.0, 1e-9, "related"),
        (VECTORS, 1.00, 30.0, 1e-9, "related"),
        (VECTORS, 0.99, 30.0, 0.005, "inconclusive"),
        (VECTORS, -0.9, -9.0, 1.0, "inconclusive"),
    ],
)
def test_words(
    protocol: Protocol, score: float, standing: float, p_value: float, word: str
) -> None:
    assert verdict(protocol, score, standing, p_value, p_value) == word


def test_each_encoder_has_its_points() -> None:
    assert operating_points(LIKELY) is LIKELIHOOD
    assert operating_points(WORDS) is operating_points(lexical_sampled_v1()) is LEXICAL
    assert operating_points(SENTENCES) is operating_points(VECTORS) is UNMEASURED


@given(protocol=PROTOCOLS, score=SCORES, standing=STANDINGS, p_value=P_VALUES, q_value=P_VALUES)
def test_no_relative_without_a_p_value_and_few_false_discoveries(
    protocol: Protocol, score: float, standing: float, p_value: float, q_value: float
) -> None:
    word = verdict(protocol, score, standing, p_value, q_value)
    assert word in VERDICTS
    if word in RELATIVES:
        assert p_value <= operating_points(protocol).p_value
        assert q_value <= FALSE_DISCOVERIES
    if word == "unrelated":
        assert p_value > 0.05


@given(
    protocol=PROTOCOLS,
    score=SCORES,
    numbers=st.tuples(STANDINGS, P_VALUES, P_VALUES),
    missing=st.integers(0, 2),
)
def test_without_a_reference_nothing_is_known(
    protocol: Protocol, score: float, numbers: tuple[float, float, float], missing: int
) -> None:
    standing, p_value, q_value = (
        None if place == missing else number for place, number in enumerate(numbers)
    )
    assert verdict(protocol, score, standing, p_value, q_value) == "inconclusive"


def nearness(word: str) -> int:
    """How near the word puts two models; to know nothing is between."""
    return ["unrelated", "inconclusive", "related", "direct relative", "same weights"].index(word)


@given(
    protocol=PROTOCOLS,
    score=SCORES,
    standing=STANDINGS,
    p_values=st.tuples(P_VALUES, P_VALUES),
    q_values=st.tuples(P_VALUES, P_VALUES),
)
def test_what_is_less_likely_by_chance_is_no_farther(
    protocol: Protocol,
    score: float,
    standing: float,
    p_values: tuple[float, float],
    q_values: tuple[float, float],
) -> None:
    (p_low, p_high), (q_low, q_high) = sorted(p_values), sorted(q_values)
    near = verdict(protocol, score, standing, p_low, q_low)
    far = verdict(protocol, score, standing, p_high, q_high)
    assert nearness(near) >= nearness(far)


@given(
    protocol=PROTOCOLS,
    scores=st.tuples(SCORES, SCORES),
    standings=st.tuples(STANDINGS, STANDINGS),
    p_value=P_VALUES,
)
def test_who_scores_and_stands_higher_is_no_farther(
    protocol: Protocol,
    scores: tuple[float, float],
    standings: tuple[float, float],
    p_value: float,
) -> None:
    low, high = (
        verdict(protocol, score, standing, p_value, p_value)
        for score, standing in zip(sorted(scores), sorted(standings), strict=True)
    )
    assert nearness(low) <= nearness(high)


def discoveries(p_values: list[float], n_tests: int, level: float) -> set[int]:
    """Benjamini and Hochberg, as they wrote it: the last that is below its line, and all before."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    below = [
        rank for rank, index in enumerate(order, 1) if p_values[index] <= rank / n_tests * level
    ]
    return set(order[: max(below, default=0)])


@given(
    p_values=st.lists(st.integers(1, 1000).map(lambda n: n / 1000), max_size=12),
    more=st.integers(0, 1000),
    level=st.sampled_from([0.01, 0.05, 0.2, 0.5]),
)
def test_false_discoveries_are_those_of_benjamini_and_hochberg(
    p_values: list[float], more: int, level: float
) -> None:
    n_tests = len(p_values) + more
    adjusted = false_discovery(np.array(p_values), n_tests)
    found = set(np.flatnonzero(adjusted <= level * (1 + 1e-12)).tolist())
    assert found == discoveries(p_values, n_tests, level * (1 + 1e-12))


@given(p=arrays(np.float64, st.integers(0, 12), elements=P_VALUES), more=st.integers(0, 1000))
def test_adjusted_p_values_are_no_less_and_keep_the_order(p: F64, more: int) -> None:
    adjusted = false_discovery(p, len(p) + more)
    assert ((adjusted >= p - 1e-12) & (adjusted <= 1)).all()
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
    more_searched = false_discovery(p, len(p) + 2 * more)
    assert (more_searched >= adjusted - 1e-12).all()
    assert np.array_equal(false_discovery(p, 0), false_discovery(p, len(p)))


def test_one_test_needs_no_correction() -> None:
    assert false_discovery(np.array([0.03]), 1).tolist() == [0.03]
    assert false_discovery(np.array([0.03]), 10) == pytest.approx([0.3])


def test_where_nothing_is_known_nothing_is_adjusted() -> None:
    assert np.isnan(false_discovery(np.full(3, np.nan), 100)).all()


def test_few_of_those_found_are_false() -> None:
    rng = np.random.default_rng(9)
    shares = []
    for _ in range(200):
        p = np.concatenate([rng.random(190), rng.beta(0.02, 5, size=10)])
        found = false_discovery(p, len(p)) <= FALSE_DISCOVERIES
        shares.append(found[:190].sum() / max(found.sum(), 1))
        assert found[190:].sum() >= 3
    assert np.mean(shares) < FALSE_DISCOVERIES
