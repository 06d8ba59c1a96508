"""Parts of scores add up to scores; standings by a reference are those of the service."""

import numpy as np
import pytest

from app.dna.population import absent, freeze
from app.dna.protocol import Protocol
from app.dna.scores import Strands, score
from app.evaluation.probe_parts import probe_parts, standing
from tests.planted import ANSWERS, LIKELIHOODS, answers, families, likelihoods, names

OF = families(20, 3)
PAIRS = np.array(np.triu_indices(12, 1))
Case = tuple[Protocol, Strands]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(params=["answers", "likelihoods"])
def case(request: pytest.FixtureRequest, rng: np.random.Generator) -> Case:
    if request.param == "answers":
        return ANSWERS, answers(rng, OF)
    return LIKELIHOODS, likelihoods(rng, OF)


def test_without_a_reference_the_mean_part_is_the_score(case: Case) -> None:
    protocol, strands = case
    some = strands[:12]
    parts = probe_parts(protocol, some, strands[:0], PAIRS)
    assert parts.shape == (PAIRS.shape[1], protocol.n_probes)
    scores = score(protocol, some, some, np.zeros(protocol.shape))
    assert np.allclose(parts.mean(axis=1), scores[*PAIRS], atol=1e-5)
    assert np.allclose(standing(protocol, some, strands[:0]), scores)


def test_with_a_reference_the_parts_of_likelihoods_are_centred(rng: np.random.Generator) -> None:
    strands = likelihoods(rng, OF)
    some, others = strands[:12], strands[12:]
    parts = probe_parts(LIKELIHOODS, some, others, PAIRS)
    scores = score(LIKELIHOODS, some, some, others.mean(axis=0))
    assert np.allclose(parts.mean(axis=1), scores[*PAIRS], atol=1e-5)


def test_with_a_reference_the_parts_of_answers_are_level(rng: np.random.Generator) -> None:
    """Models of the reference have a part of 0 with each other, on average."""
    strands = answers(rng, OF)
    everyone = np.indices((len(OF), len(OF))).reshape(2, -1)
    parts = probe_parts(ANSWERS, strands, strands, everyone).reshape(len(OF), len(OF), -1)
    assert np.allclose(parts.mean(axis=1), 0, atol=1e-5)


def test_relatives_have_larger_parts(case: Case) -> None:
    protocol, strands = case
    related = np.equal.outer(OF, OF)[:20, :20][*(pairs := np.array(np.triu_indices(20, 1)))]
    same = np.array([[0, 1], [20, 21]])
    both = np.concatenate([strands[:20], strands[20:22]])
    assert not related.any()
    strangers = probe_parts(protocol, both, strands[22:], pairs)
    relatives = probe_parts(protocol, both, strands[22:], same)
    assert (relatives.mean(axis=0) > strangers.mean(axis=0)).mean() > 0.8


def test_strangers_to_the_reference_stand_as_in_the_service(case: Case) -> None:
    """By a reference that holds none of a pair's families the order is the same."""
    protocol, strands = case
    held = np.array(OF) < 4
    population = freeze(
        protocol, strands[~held], [name for name, of in zip(names(OF), OF, strict=True) if of >= 4]
    )
    seen = population.seen(strands[held])
    expected = population.compare(seen, seen).standing
    found = standing(protocol, strands[held], strands[~held])
    pairs = np.triu_indices(held.sum(), 1)
    assert np.corrcoef(found[pairs], expected[pairs])[0, 1] > 0.98
    assert absent(protocol).n_cohort == 0
