"""Scores: properties of all, then what each is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from app.dna.scores import CLIP, centred_cosine, clipped_correlation, log_rank

# Halves: what is scaled and moved below stays exact in float32.
HALVES = st.integers(-16, 0).map(lambda n: n / 2)
STRANDS = arrays(np.float32, (4, 3, 5), elements=HALVES)
NOTHING = np.zeros((3, 5), dtype=np.float32)
PAIRWISE = [centred_cosine, clipped_correlation]


@pytest.mark.parametrize("pairwise", PAIRWISE)
@given(strands=STRANDS, centre=arrays(np.float32, (3, 5), elements=st.floats(-8, 0, width=16)))
def test_scores_are_symmetric_bounded_and_one_with_oneself(pairwise, strands, centre) -> None:  # type: ignore[no-untyped-def]
    scores = pairwise(strands, strands, centre)
    assert scores.shape == (4, 4)
    assert (abs(scores) <= 1).all()
    assert np.allclose(scores, scores.T, atol=1e-9)
    own = np.diag(scores)
    assert (np.isclose(own, 1) | np.isclose(own, 0)).all()


@given(strands=STRANDS)
def test_correlation_ignores_level_and_scale(strands) -> None:  # type: ignore[no-untyped-def]
    plain = clipped_correlation(strands, strands, NOTHING)
    moved = clipped_correlation(strands * 2 - 3, strands, NOTHING)
    assert np.allclose(plain, moved, atol=1e-4)


def test_one_absurd_word_does_not_decide(rng: np.random.Generator) -> None:
    centre = np.full((10, 10), -5.0)
    model = centre + rng.normal(size=(1, 10, 10))
    other = model.copy()
    other[0, 3, 3] -= 500
    assert clipped_correlation(model, other, centre)[0, 0] > 0.75
    assert clipped_correlation(model, other, np.zeros((10, 10)))[0, 0] < 0.5
    assert abs(other - centre).max() > CLIP


def test_centring_takes_away_what_all_share(rng: np.random.Generator) -> None:
    shared = rng.normal(size=(20, 8)) * 3
    strands = shared + rng.normal(size=(40, 20, 8))
    nothing = np.zeros((20, 8))
    off = ~np.eye(40, dtype=bool)
    assert centred_cosine(strands, strands, nothing)[off].mean() > 0.8
    assert abs(centred_cosine(strands, strands, strands.mean(axis=0))[off].mean()) < 0.05


def test_log_rank_agrees_with_a_plain_one(rng: np.random.Generator) -> None:
    strands = rng.normal(size=(6, 4, 3))
    strands[2, 1] = strands[3, 1]  # a tie
    centre = np.zeros((4, 3))
    expected = np.zeros((6, 6))
    for probe in range(4):
        unit = strands[:, probe] / np.linalg.norm(strands[:, probe], axis=1, keepdims=True)
        similarity = np.round(unit @ unit.T, 9)
        for a in range(6):
            others = [b for b in range(6) if b != a]
            ranks = rankdata([-similarity[a, b] for b in others]) - 1
            for b, rank in zip(others, ranks, strict=True):
                expected[a, b] += -np.log((rank + 0.5) / 5) / 4
            expected[a, a] += -np.log(0.5 / 5) / 4
    assert np.allclose(log_rank(strands, centre), (expected + expected.T) / 2)


def test_log_rank_puts_the_sibling_first(rng: np.random.Generator) -> None:
    strands = rng.normal(size=(30, 25, 8))
    strands[1] = strands[0] + 0.5 * rng.normal(size=(25, 8))
    scores = log_rank(strands, np.zeros((25, 8)))
    np.fill_diagonal(scores, -np.inf)
    assert scores[0].argmax() == 1


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)
