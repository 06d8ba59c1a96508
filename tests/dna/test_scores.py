"""Scores: properties of all, then what each is for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.dna.protocol import lexical_v1, likelihood_v1, reported_vectors
from app.dna.scores import (
    LEAST_SURPRISAL,
    NAMES,
    SCORES,
    centred_cosine,
    probe_cosines,
    rooted,
    rooted_cosine,
    score,
    surprise_correlation,
    surprises,
    unit_rows,
)
from tests import planted

# Halves: what is scaled and moved below stays exact in float32.
HALVES = st.integers(-16, 0).map(lambda n: n / 2)
STRANDS = arrays(np.float32, (4, 3, 5), elements=HALVES)
CENTRE = arrays(np.float32, (3, 5), elements=st.floats(-8, 0, width=16))
NOTHING = np.zeros((3, 5), dtype=np.float32)
EVERY = pytest.mark.parametrize("pairwise", SCORES.values(), ids=NAMES.values())


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


@EVERY
@given(strands=STRANDS, centre=CENTRE)
def test_scores_are_symmetric_bounded_and_say_how_many_of_how_many(  # type: ignore[no-untyped-def]
    pairwise, strands, centre
) -> None:
    scores = pairwise(strands[:3], strands, centre)
    assert (scores.shape, scores.dtype) == ((3, 4), np.float64)
    assert (abs(scores) <= 1).all()
    assert np.allclose(scores, pairwise(strands, strands[:3], centre).T, atol=1e-6)
    assert pairwise(strands[:0], strands, centre).shape == (0, 4)
    assert pairwise(strands, strands[:0], centre).shape == (4, 0)


@EVERY
@given(strands=STRANDS, centre=CENTRE)
def test_a_model_is_itself(pairwise, strands, centre) -> None:  # type: ignore[no-untyped-def]
    """1, unless it does just what the population does: of that nothing can be told."""
    own = np.diag(pairwise(strands, strands, centre))
    if pairwise is rooted_cosine:
        assert np.allclose(own, (strands != centre).any(axis=2).mean(axis=1), atol=1e-6)
    else:
        assert (np.isclose(own, 1) | np.isclose(own, 0)).all()


def test_each_kind_of_response_has_its_score() -> None:
    rng = np.random.default_rng(1)
    for protocol, named in (
        (likelihood_v1(), "surprise_correlation"),
        (lexical_v1(), "rooted_cosine"),
        (reported_vectors("mine", 7), "centred_cosine"),
    ):
        assert NAMES[protocol.response] == named
        a, b = -rng.exponential(size=(2, 2, *protocol.shape))
        centre = (a + b).mean(axis=0)
        expected = SCORES[protocol.response](a, b, centre)
        assert np.array_equal(score(protocol, a, b, centre), expected)


WORDS = 1.5 + np.random.default_rng(5).normal(size=likelihood_v1().shape) / 2
SEEDS = st.integers(0, 2**32 - 1)


def surprised(seed: int, far: float) -> planted.F64:
    """Log-probabilities of two models, about so far from `-np.exp(WORDS)`."""
    return -np.exp(WORDS + far * np.random.default_rng([seed, 1]).normal(size=(2, *WORDS.shape)))


@given(seed=SEEDS, level=st.floats(0, 3))
def test_how_surprised_a_model_is_of_all_says_nothing(seed: int, level: float) -> None:
    strands = np.minimum(surprised(seed, 1.0), -LEAST_SURPRISAL)
    for centre in (-np.exp(WORDS), np.zeros_like(WORDS)):
        plain = surprise_correlation(strands, strands, centre)
        louder = surprise_correlation(strands * np.exp(level), strands, centre)
        assert np.allclose(plain, louder)


@given(seed=SEEDS, slope=st.floats(0.25, 3), level=st.floats(1, 3))
def test_a_power_law_of_a_model_s_own_says_nothing(seed: int, slope: float, level: float) -> None:
    """As of its size or its temperature; as far as no word is clipped."""
    strands, centre = surprised(seed, 0.01), -np.exp(WORDS)
    changed = -np.exp(level + slope * np.log(-strands))
    if (-changed).min() > LEAST_SURPRISAL:
        assert np.allclose(surprises(strands, centre), surprises(changed, centre))


@given(
    probe=st.integers(0, 99),
    word=st.integers(0, 9),
    surprisal=st.one_of(st.just(0.0), st.floats(1e-3, 1e4)),
)
def test_one_absurd_word_does_not_decide(probe: int, word: int, surprisal: float) -> None:
    model = surprised(1, 0.25)[:1]
    other = model.copy()
    other[0, probe, word] = -surprisal
    assert surprise_correlation(model, other, -np.exp(WORDS))[0, 0] > 0.95
    assert abs(surprises(other, -np.exp(WORDS))).max() < 0.1, "one of a thousand words"


def test_without_a_centre_nothing_is_predicted(rng: np.random.Generator) -> None:
    strands = -np.exp(rng.normal(size=(2, 3, 5)) * 2)
    logs = np.log(np.maximum(-strands, LEAST_SURPRISAL)).reshape(2, -1)
    expected = np.corrcoef(logs)[0, 1]
    found = surprise_correlation(strands[:1], strands[1:], NOTHING)[0, 0]
    assert found == pytest.approx(expected)


def test_a_family_is_more_surprised_by_the_same_words(rng: np.random.Generator) -> None:
    of = planted.families(10, 2)
    strands = planted.likelihoods(rng, of, kinship=0.6)
    scores = surprise_correlation(strands, strands, strands.mean(axis=0))
    same = np.equal.outer(of, of)
    assert scores[same].min() > 0.4 > 0.2 > scores[~same].max()


@given(strands=arrays(np.float32, (3, 4, 6), elements=HALVES), centre=arrays(
    np.float32, (4, 6), elements=HALVES
))  # fmt: skip
def test_rooted_cosines_agree_with_plain_ones(strands: planted.F32, centre: planted.F32) -> None:
    def plain(a: planted.F64, b: planted.F64) -> float:
        total = 0.0
        for row, other in zip(a - centre, b - centre, strict=True):
            length = np.linalg.norm(row) * np.linalg.norm(other)
            cosine = row @ other / length if length else 0.0
            total += np.sign(cosine) * np.sqrt(abs(cosine))
        return total / len(a)

    found = rooted_cosine(strands, strands, centre)
    expected = [[plain(a, b) for b in strands.astype(float)] for a in strands.astype(float)]
    # The root of what rounding leaves of 0 is not that small.
    assert np.allclose(found, expected, atol=1e-3)


@given(
    strands=arrays(np.float32, (3, 4, 6), elements=HALVES),
    answer=arrays(np.float32, 6, elements=st.floats(-100, 100, width=32)),
    probe=st.integers(0, 3),
)
def test_one_probe_does_not_decide(strands: planted.F32, answer: planted.F32, probe: int) -> None:
    centre = strands.mean(axis=0)
    changed = strands.copy()
    changed[0, probe] = answer
    before = rooted_cosine(strands[:1], strands, centre)
    after = rooted_cosine(changed[:1], strands, centre)
    assert (abs(after - before) <= 2 / 4 + 1e-6).all()


def test_many_probes_that_agree_a_little_count_for_more_than_one_that_is_equal(
    rng: np.random.Generator,
) -> None:
    model, stranger, kin = rng.normal(size=(3, 1, 50, 64))
    kin += 0.3 * model
    stranger[0, :5] = model[0, :5]
    nothing = np.zeros((50, 64))
    assert rooted_cosine(model, kin, nothing) > rooted_cosine(model, stranger, nothing) + 0.1
    cosines = [
        np.mean([probe_cosines(model[:, p], b[:, p], nothing[p]) for p in range(50)])
        for b in (kin, stranger)
    ]
    assert cosines[0] < 3 * cosines[1], "while the mean cosine hardly tells them apart"


@given(cosines=arrays(np.float32, 20, elements=st.floats(-1, 1, width=32)))
def test_a_root_keeps_sign_and_order(cosines: planted.F32) -> None:
    roots = rooted(cosines)
    assert roots.dtype == np.float32
    assert np.array_equal(np.sign(roots), np.sign(cosines))
    assert (np.diff(roots[np.argsort(cosines)]) >= 0).all()
    assert np.array_equal(rooted(-cosines), -roots)


@given(
    strands=arrays(np.float32, (2, 3, 5), elements=HALVES),
    factors=arrays(np.float64, (2, 3, 1), elements=st.sampled_from([0.25, 1.0, 4.0])),
)
def test_cosines_ignore_how_far_answers_are_from_the_centre(
    strands: planted.F32, factors: planted.F64
) -> None:
    centre = np.full((3, 5), 1.5)
    farther = centre + (strands - centre) * factors
    assert np.allclose(
        rooted_cosine(farther, strands, centre), rooted_cosine(strands, strands, centre), atol=1e-3
    )
    alike = centre + (strands - centre) * factors[:, :1]
    assert np.allclose(
        centred_cosine(alike, strands, centre), centred_cosine(strands, strands, centre)
    )


@pytest.mark.parametrize("pairwise", [centred_cosine, rooted_cosine])
def test_centring_takes_away_what_all_share(pairwise, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    shared = rng.normal(size=(20, 8)) * 3
    strands = shared + rng.normal(size=(40, 20, 8))
    nothing = np.zeros((20, 8))
    off = ~np.eye(40, dtype=bool)
    assert pairwise(strands, strands, nothing)[off].mean() > 0.8
    assert abs(pairwise(strands, strands, strands.mean(axis=0))[off].mean()) < 0.05


@given(rows=arrays(np.float32, (3, 4), elements=st.floats(-(2.0**99), 2.0**99, width=32)))
def test_unit_rows_have_length_one_or_none(rows: planted.F32) -> None:
    rows[abs(rows) < 1e-30] = 0
    unit = unit_rows(rows)
    assert unit.dtype == np.float32
    lengths = np.linalg.norm(unit.astype(float), axis=1)
    assert np.allclose(lengths, rows.any(axis=1), atol=1e-6)
