"""The lexical encoder: properties first, then bytes that must never change on any platform."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dna.lexical import encode_answers, mix64
from app.errors import InputError

WIDTH = 64
TEXTS = st.text(st.characters(codec="utf-8"), max_size=80)


@given(st.lists(TEXTS, max_size=4))
def test_rows_are_unit_vectors_or_zero_for_answers_without_a_token(answers: list[str]) -> None:
    strand = encode_answers(answers, WIDTH)
    assert strand.shape == (len(answers), WIDTH)
    assert strand.dtype == np.float16
    for row, answer in zip(strand, answers, strict=True):
        length = np.linalg.norm(row.astype(np.float64))
        assert length == pytest.approx(1.0, abs=0.01) if answer.split() else length == 0.0


@given(TEXTS, TEXTS)
def test_each_answer_is_encoded_alone(first: str, second: str) -> None:
    both = encode_answers([first, second], WIDTH)
    assert both[0].tobytes() == encode_answers([first], WIDTH).tobytes()
    assert both[1].tobytes() == encode_answers([second], WIDTH).tobytes()


@given(st.lists(st.sampled_from(["oak", "elm", "fir", ","]), min_size=1, max_size=12))
def test_case_and_white_space_do_not_matter(words: list[str]) -> None:
    plain = encode_answers([" ".join(words)], WIDTH)
    shouted = encode_answers(["\n\n ".join(words).upper()], WIDTH)
    assert plain.tobytes() == shouted.tobytes()


def test_ngrams_count_once() -> None:
    once, more = encode_answers(["a b a b", "a b a b a b"], WIDTH)
    assert once.tobytes() == more.tobytes()


def test_order_and_punctuation_matter() -> None:
    rows = encode_answers(["the cat sat", "sat the cat", "the cat, sat"], 4096)
    assert len({row.tobytes() for row in rows}) == 3


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(InputError, match="bad_answer"):
        encode_answers(["\ud800"], WIDTH)


def test_mix64_is_splitmix64() -> None:
    # First outputs of the reference splitmix64.c with the state 1234567 (Vigna's test value).
    state = np.array([1234567], dtype=np.uint64)
    assert int(mix64(state)[0]) == 6457827717110365317


GOLDEN = {
    "Hello, world!": "00db9ea689b0941c9cfcdc3ae0dc9cb824b92e2f5ad01855be939ece041c219e",
    "Die Würde, unantastbar.": "b8b1dfbc8a02e5efd5a626779846763e6085e817f1c84a4e6c60de8ca685d24f",
    "f(x) = x**2  # ∑ 数学 🙂": "dbba9f452f37a80f11eea1842fbb4f6fcff7fe8a6255190aeb11bcc72f69ac04",
    "": "38723a2e5e8a17aa7950dc008209944e898f69a7bd10a23c839d341e935fd5ca",
}


@pytest.mark.parametrize("answer", GOLDEN)
def test_golden_bytes(answer: str) -> None:
    strand = encode_answers([answer], WIDTH)
    assert hashlib.sha256(strand.astype("<f2").tobytes()).hexdigest() == GOLDEN[answer]
