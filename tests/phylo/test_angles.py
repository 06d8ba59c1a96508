"""Angles: those that are known, and that they are the scores' own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dna.population import Population, absent, freeze
from app.dna.protocol import likelihood_v1, reported_vectors
from app.dna.scores import score
from app.phylo.angles import angle
from app.phylo.distances import Distances
from tests.phylo.test_distances import PROTOCOLS, made


def cosines(n: int, width: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(n, width))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors @ vectors.T


@given(n=st.integers(1, 12), width=st.integers(1, 6), seed=st.integers(0, 10**6))
@settings(deadline=None, max_examples=25)
def test_a_metric_on_cosines(n: int, width: int, seed: int) -> None:
    distances = angle(cosines(n, width, seed))
    assert 0 <= distances.min() <= distances.max() <= 1
    detours = (distances[:, :, None] + distances[None]).min(axis=1)
    assert (distances <= detours + 1e-7).all()


def test_known_angles() -> None:
    scores = np.array([1, 0.5, 0, -1, 1 + 1e-7, -1 - 1e-7])
    np.testing.assert_allclose(angle(scores), [0, 1 / 3, 1 / 2, 1, 0, 1])


def test_angles_add_up_along_an_arc() -> None:
    turn = np.array([0, 0.3, 1.0])
    distances = angle(np.cos(turn[:, None] - turn))
    assert distances[0, 1] + distances[1, 2] == pytest.approx(distances[0, 2])


def _populations() -> list[Population]:
    known = [
        freeze(protocol, made(protocol, 31, seed=5), [""] * 31)
        for protocol in (likelihood_v1(), reported_vectors("made", 40))
    ]
    return [*map(absent, PROTOCOLS), *known]


@pytest.mark.parametrize("population", _populations(), ids=lambda one: one.protocol.name)
def test_a_distance_is_the_angle_of_the_score(population: Population) -> None:
    protocol = population.protocol
    strands = made(protocol, 8)
    found = Distances(population)
    assert found.kind == "angular"
    assert found.n_probes == protocol.n_probes
    rows = found.rows(strands)
    expected = angle(score(protocol, strands, strands, population.centre))
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(found.between(rows, rows), expected, atol=2e-6)


def test_a_twin_in_bfloat16_is_at_hand() -> None:
    protocol = likelihood_v1()
    strands = made(protocol, 3)
    strands[1] = strands[0] * (1 + 1e-4 * np.random.default_rng(0).normal(size=protocol.shape))
    found = Distances(absent(protocol))
    rows = found.rows(strands)
    near, far = found.between(rows, rows)[0, 1:]
    assert 0 < near < 1e-3 < 0.2 < far


def test_a_vector_has_nothing_to_resample() -> None:
    protocol = reported_vectors("made", 40)
    found = Distances(absent(protocol))
    rows = found.rows(made(protocol, 5))
    for one in found.replicates(rows, np.array([[1.0], [1.0]])):
        np.testing.assert_allclose(one, found.between(rows, rows), atol=1e-6)


def test_words_are_weighted_as_their_probes() -> None:
    protocol = likelihood_v1()
    strands = made(protocol, 4)
    found = Distances(absent(protocol))
    rows = found.rows(strands)
    weights = np.random.default_rng(1).integers(0, 3, size=(1, protocol.n_probes))
    logs = np.log(np.maximum(-strands.astype(np.float64), 0.1))
    drawn = np.repeat(logs, weights[0], axis=1).reshape(4, -1)
    expected = angle(np.corrcoef(drawn))
    np.fill_diagonal(expected, 0)
    [one] = found.replicates(rows, weights.astype(float))
    np.testing.assert_allclose(one, expected, atol=1e-6)
