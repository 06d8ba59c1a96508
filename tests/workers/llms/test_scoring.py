"""Word scores equal the plainest possible computation, however the batch is composed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import InputError, ModelError
from tests.workers.llms.conftest import CAUSAL, PASSAGES, SEQ2SEQ, WORDS
from workers.llms.forward import run
from workers.llms.loading import load_model
from workers.llms.transformers_llm import TransformersLLM

BOTH = [*CAUSAL, *SEQ2SEQ]
SCORED = 4
ANY_PASSAGE = st.lists(st.sampled_from([*WORDS, "zyx", "I", "été", "鍵"]), min_size=5, max_size=14)


def _by_word(text: str, spans: Any, values: list[float], first_word: int) -> list[float]:
    """Sum the values of tokens by the word in which they begin; spans may start at a space."""
    words = text.split(" ")
    sums = [0.0] * len(words)
    for (start, end), value in zip(spans, values, strict=True):
        if end > start:
            while text[start] == " ":
                start += 1
            sums[text[:start].count(" ")] += value
    return sums[first_word:]


def naive_causal(llm: TransformersLLM, passage: str, scored: int) -> list[float]:
    """One passage at a time: log-softmax of everything, in float64."""
    encoded = llm._tokenizer(passage, return_offsets_mapping=True, return_tensors="pt")
    ids = encoded["input_ids"]
    with torch.no_grad():
        logits = llm._model(input_ids=ids).logits
    table = torch.log_softmax(logits.double(), dim=-1)[0]
    values = [0.0] + [table[at - 1, ids[0, at]].item() for at in range(1, ids.shape[1])]
    spans = encoded["offset_mapping"][0].tolist()
    return _by_word(passage, spans, values, passage.count(" ") + 1 - scored)


def naive_decoder(llm: TransformersLLM, passage: str, scored: int) -> list[float]:
    """The same with the encoder reading the context and the model's own shift of the labels."""
    words = passage.split(" ")
    context, target = " ".join(words[:-scored]), " ".join(words[-scored:])
    source = llm._tokenizer(context, return_tensors="pt")
    encoded = llm._tokenizer(target, return_offsets_mapping=True, return_tensors="pt")
    labels = encoded["input_ids"]
    with torch.no_grad():
        logits = llm._model(input_ids=source["input_ids"], labels=labels).logits
    table = torch.log_softmax(logits.double(), dim=-1)[0]
    values = [table[at, token].item() for at, token in enumerate(labels[0])]
    return _by_word(target, encoded["offset_mapping"][0].tolist(), values, 0)


def _naive(llm: TransformersLLM, passage: str) -> list[float]:
    plain = naive_decoder if llm._kind == "seq2seq" else naive_causal
    return plain(llm, passage, SCORED)


@pytest.mark.parametrize("name", BOTH)
def test_a_batch_equals_the_naive_computation(llms: dict[str, TransformersLLM], name: str) -> None:
    scores = llms[name].score(PASSAGES, SCORED)
    assert all(len(row) == SCORED for row in scores)
    assert all(value < 0 for row in scores for value in row)
    for passage, row in zip(PASSAGES, scores, strict=True):
        assert row == pytest.approx(_naive(llms[name], passage), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", BOTH)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(ANY_PASSAGE, min_size=1, max_size=6), data=st.data())
def test_a_score_does_not_depend_on_its_company(
    llms: dict[str, TransformersLLM], name: str, words: list[list[str]], data: st.DataObject
) -> None:
    passages = [" ".join(one) for one in words]
    order = data.draw(st.permutations(range(len(passages))))
    together = llms[name].score([passages[index] for index in order], SCORED)
    for index, row in zip(order, together, strict=True):
        (alone,) = llms[name].score([passages[index]], SCORED)
        assert row == pytest.approx(alone, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("name", CAUSAL)
def test_how_many_words_are_scored_changes_no_word(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    (many,) = llms[name].score([PASSAGES[4]], 6)
    (few,) = llms[name].score([PASSAGES[4]], 2)
    assert few == pytest.approx(many[-2:], rel=1e-5, abs=1e-5)


def test_the_words_that_are_tested_have_several_tokens(llms: dict[str, TransformersLLM]) -> None:
    for name in BOTH:
        tokens = llms[name]._tokenizer(PASSAGES[0], add_special_tokens=False)["input_ids"]
        assert len(tokens) > 2 * len(PASSAGES[0].split(" "))


def test_scores_are_the_same_every_time(llms: dict[str, TransformersLLM]) -> None:
    for name in BOTH:
        assert llms[name].score(PASSAGES, SCORED) == llms[name].score(PASSAGES, SCORED)


def test_an_unknown_letter_is_refused_only_where_it_is_lost(
    llms: dict[str, TransformersLLM],
) -> None:
    (row,) = llms["llama"].score(["one two three 鍵"], 1)
    assert row[0] < 0


def test_a_malformed_passage_is_the_callers(llms: dict[str, TransformersLLM]) -> None:
    with pytest.raises(InputError) as caught:
        llms["gpt2"].score(["one  two three"], 1)
    assert caught.value.code == "bad_passage"


@pytest.mark.parametrize("name", BOTH)
def test_a_passage_beyond_the_positions_is_refused_before_work(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    long = [*PASSAGES, " ".join(WORDS * 6)]
    if llms[name]._facts.positions is None:
        assert sum(map(len, llms[name].plan_scoring(long))) == len(long)
        return
    with pytest.raises(ModelError) as caught:
        llms[name].plan_scoring(long)
    assert caught.value.code == "context_too_short"
    assert str(llms[name]._facts.positions) in caught.value.detail


def test_half_precision_is_near(folders: dict[str, Path], llms: dict[str, TransformersLLM]) -> None:
    machine = replace(llms["llama"]._machine, dtype=torch.bfloat16)
    model = load_model(folders["llama"], "causal", machine)
    assert model.dtype == torch.bfloat16
    rough = TransformersLLM(model, llms["llama"]._tokenizer, "causal", machine)
    expected = torch.tensor(llms["llama"].score(PASSAGES, SCORED))
    found = torch.tensor(rough.score(PASSAGES, SCORED))
    assert torch.corrcoef(torch.stack([found.flatten(), expected.flatten()]))[0, 1] > 0.99


def test_nothing_is_kept_for_gradients(llms: dict[str, TransformersLLM]) -> None:
    logits = run(llms["gpt2"]._model, input_ids=torch.tensor([[5, 6, 7]])).logits
    assert not logits.requires_grad
