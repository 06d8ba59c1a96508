"""Evidence for all pairs at once says what each pair is told when it is asked alone."""

import numpy as np
import numpy.typing as npt

from app.dna.population import Compared
from app.dna.protocol import lexical_v1, likelihood_v1
from app.dna.relations import RELATIVES, false_discovery, verdict
from app.lineage.evidence import claim_verdicts, read_evidence

F64 = npt.NDArray[np.float64]
N = 12


def compared(seed: int) -> Compared:
    """Made-up numbers: some relatives, many strangers."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(-0.2, 1.0, (N, N))
    p_values = rng.choice([1e-6, 1e-3, 0.02, 0.3, 0.9], (N, N))
    scores, p_values = np.triu(scores, 1), np.triu(p_values, 1)
    scores, p_values = scores + scores.T, p_values + p_values.T
    return Compared(scores + np.eye(N), scores * 10 - 1, p_values)


def test_the_words_are_those_of_single_pairs() -> None:
    made, blind = compared(1), np.zeros((N, N), dtype=bool)
    blind[0, 1] = blind[1, 0] = True
    for protocol in (likelihood_v1(), lexical_v1()):
        found = read_evidence(protocol, made, blind, N - 1, None)
        for row in range(N):
            others = np.flatnonzero(np.arange(N) != row)
            adjusted = false_discovery(made.p_value[row, others], N - 1)
            for other, q in zip(others, adjusted, strict=True):
                numbers = (values[row, other] for values in (made.score, made.standing))
                word = verdict(protocol, *numbers, made.p_value[row, other], q)
                is_blind = blind[row, other]
                assert found.related[row, other] == (word in RELATIVES and not is_blind)
                assert found.unclear[row, other] == (word == "inconclusive" or is_blind)
        assert not found.related.diagonal().any()
        assert not found.unclear.diagonal().any()


def test_without_a_reference_everything_is_unclear() -> None:
    nothing = np.full((3, 3), np.nan)
    blind = np.zeros((3, 3), dtype=bool)
    made = Compared(np.eye(3), nothing, nothing)
    found = read_evidence(lexical_v1(), made, blind, 2, None)
    assert not found.related.any()
    assert (found.unclear == ~np.eye(3, dtype=bool)).all()
    assert claim_verdicts(lexical_v1(), made, blind, 0, [1]) == {1: "inconclusive"}


def test_distances_are_of_likeness_or_of_standings() -> None:
    made, blind = compared(2), np.zeros((N, N), dtype=bool)
    by_standing = read_evidence(lexical_v1(), made, blind, N - 1, None).distance
    order = np.argsort(made.standing[0])[::-1]
    assert (by_standing[0, order[1:]] >= by_standing[0, order[:-1]]).all()
    likeness = made.score
    by_likeness = read_evidence(likelihood_v1(), made, blind, N - 1, likeness)
    assert np.array_equal(by_likeness.distance, 1 - likeness)


def test_a_claim_is_tested_by_itself() -> None:
    made, blind = compared(3), np.zeros((N, N), dtype=bool)
    found = claim_verdicts(lexical_v1(), made, blind, 0, [1, 2])
    adjusted = false_discovery(made.p_value[0, [1, 2]], 2)
    for base, q in zip((1, 2), adjusted, strict=True):
        numbers = (values[0, base] for values in (made.score, made.standing, made.p_value))
        assert found[base] == verdict(lexical_v1(), *numbers, q)
    blind[0, 1] = True
    assert claim_verdicts(lexical_v1(), made, blind, 0, [1]) == {1: "inconclusive"}
