"""Strands: from responses, and back from their bytes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.probes import ProbeSet
from app.dna.protocol import (
    lexical_sampled_v1,
    lexical_v1,
    likelihood_v1,
    reported_answers,
    reported_vectors,
    sampled,
)
from app.dna.strand import encode, from_bytes, remarks
from app.errors import InputError

ANSWERS = reported_answers(ProbeSet("mine", ("one", "two", "three")))
SAMPLED = replace(ANSWERS, generation=sampled(8, temperature="0.7", top_p="0.95", draws=2, seed=1))
TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=30), min_size=3, max_size=3)


@given(TEXTS)
def test_bytes_read_back(answers: list[str]) -> None:
    strand = encode(ANSWERS, answers)
    again = from_bytes(ANSWERS, strand.to_bytes())
    assert again.values.dtype == np.float16
    assert again.digest == strand.digest
    assert (again.values == strand.values).all()


def test_golden_bytes_of_whole_strands() -> None:
    answers = [f"Answer {n}: the quick brown fox." for n in range(128)]
    logs = [[-0.5 * n - 0.25 * word for word in range(10)] for n in range(100)]
    assert (
        encode(lexical_v1(), answers).digest
        == "ba745f2c9e14d14503f8286224d81b4f19e9e809b1ff52dd24aae8bf0af33265"
    )
    assert (
        encode(likelihood_v1(), logs).digest
        == "a8b57dd6b24df6b618e3695d58669bc2b392e201cb054de825cf7610ed819520"
    )


def test_golden_bytes_of_a_sampled_strand() -> None:
    answers = [
        [f"Answer {n}, draw {d}: the quick brown fox." for d in range(4)] for n in range(128)
    ]
    assert (
        encode(lexical_sampled_v1(), answers).digest
        == "cf339eba1be08f0f3182cad89092faf7b4437ca4a5543513b8b8d4aeed6e4c0d"
    )


@given(TEXTS)
def test_draws_that_are_all_alike_are_as_one_answer(answers: list[str]) -> None:
    once, twice = encode(ANSWERS, answers), encode(SAMPLED, [[text] * 2 for text in answers])
    assert (twice.values == once.values).all()
    assert twice.values.dtype == np.float16


@given(TEXTS, TEXTS)
def test_the_strand_of_draws_is_their_mean(first: list[str], second: list[str]) -> None:
    drawn = encode(SAMPLED, list(zip(first, second, strict=True)))
    assert drawn.values.shape == SAMPLED.shape
    swapped = encode(SAMPLED, list(zip(second, first, strict=True)))
    assert swapped.digest == drawn.digest
    a, b = (encode(ANSWERS, texts).values.astype(np.float64) for texts in (first, second))
    np.testing.assert_allclose(drawn.values, (a + b) / 2, atol=1e-3)


@pytest.mark.parametrize("counts", [(1, 1, 1), (2, 2, 1), (1, 2, 3), (2, 2, 3), (0, 2, 4)])
def test_every_probe_needs_as_many_draws(counts: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="wrong_number_of_responses"):
        encode(SAMPLED, [["x"] * count for count in counts])


def test_numbers_are_no_answers() -> None:
    with pytest.raises(InputError, match="wrong_number_of_responses"):
        encode(ANSWERS, ["x", "y", [-1.0]])


@pytest.mark.parametrize("count", [0, 2, 4])
def test_every_probe_needs_a_response(count: int) -> None:
    with pytest.raises(InputError, match="wrong_number_of_responses"):
        encode(ANSWERS, ["x"] * count)


def test_bytes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="another length"):
        from_bytes(ANSWERS, b"\0" * 10)


@pytest.mark.parametrize("vector", [[1.0], [0.0, 0.0], [1.0, float("nan")], [1.0, 1e39]])
def test_a_vector_that_says_nothing_is_refused(vector: list[float]) -> None:
    with pytest.raises(InputError, match="bad_vector"):
        encode(reported_vectors("mine", 2), [vector])


def test_empty_answers_are_remarked_upon() -> None:
    assert remarks(["a", "", " ", ""]) == ("2 of 4 answers are empty",)
    assert remarks(["a", "b"]) == ()
    assert remarks([[-1.0], [-2.0]]) == ()
    assert remarks([["a", ""], ["", ""]]) == ("3 of 4 answers are empty",)
