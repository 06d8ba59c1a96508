"""Batched greedy answers are the texts that transformers gives to one prompt at a time."""

from typing import Any

import pytest
import torch
from transformers import GenerationConfig

from app.errors import InputError, ModelError
from tests.workers.llms.conftest import CAUSAL, PROMPTS, SEQ2SEQ
from workers.llms import answering
from workers.llms.transformers_llm import TransformersLLM

BOTH = [*CAUSAL, *SEQ2SEQ]
NEW = 20


def one_by_one(llm: TransformersLLM, prompt: str, new_tokens: int) -> str:
    """The answer of transformers' generate to one prompt, without padding."""
    encoded: Any = llm._tokenizer(prompt, return_tensors="pt")
    facts = llm._facts
    config = GenerationConfig(
        do_sample=False,
        max_new_tokens=new_tokens,
        eos_token_id=list(facts.stops),
        pad_token_id=0,
        decoder_start_token_id=facts.start,
    )
    with torch.no_grad():
        ids = llm._model.generate(
            input_ids=encoded["input_ids"],
            attention_mask=encoded["attention_mask"],
            generation_config=config,
        )
    skipped = 1 if llm._kind == "seq2seq" else encoded["input_ids"].shape[1]
    kept = [token for token in ids[0, skipped:].tolist() if token not in facts.stops]
    return str(llm._tokenizer.decode(kept, skip_special_tokens=True))


@pytest.mark.parametrize("name", BOTH)
def test_a_batch_equals_one_by_one(llms: dict[str, TransformersLLM], name: str) -> None:
    answers = llms[name].answer(PROMPTS, NEW, chat=False)
    assert answers == [one_by_one(llms[name], prompt, NEW) for prompt in PROMPTS]
    assert len(set(answers)) > len(PROMPTS) // 2


def test_rows_that_end_early_leave_and_the_others_do_not_notice(
    llms: dict[str, TransformersLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    llm = llms["llama"]
    ids = [llm._tokenizer(prompt)["input_ids"] for prompt in PROMPTS]
    tokens = answering.answer_causal(llm._model, llm._facts, ids, NEW)
    lengths = {len(one) for one in tokens}
    assert min(lengths) < answering.STRETCH < max(lengths)  # else this test shows nothing
    for stretch in (1, 5, NEW):
        monkeypatch.setattr(answering, "STRETCH", stretch)
        assert answering.answer_causal(llm._model, llm._facts, ids, NEW) == tokens


def test_a_cache_that_cannot_be_cut_is_read_again(
    llms: dict[str, TransformersLLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = llms["llama"].answer(PROMPTS, NEW, chat=False)
    monkeypatch.setattr(answering, "_CUTTABLE", set())
    assert llms["llama"].answer(PROMPTS, NEW, chat=False) == expected


def test_answers_end_at_the_limit_and_before_the_stop(llms: dict[str, TransformersLLM]) -> None:
    for name in CAUSAL:
        llm = llms[name]
        ids = [llm._tokenizer(prompt)["input_ids"] for prompt in PROMPTS]
        for tokens in answering.answer_causal(llm._model, llm._facts, ids, 7):
            assert len(tokens) <= 7
            assert not set(tokens) & set(llm._facts.stops)


def test_a_decoders_answer_keeps_its_first_token(llms: dict[str, TransformersLLM]) -> None:
    llm = llms["t5"]
    source = llm._tokenizer("river stone", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits = llm._model(input_ids=source, decoder_input_ids=torch.tensor([[0]])).logits
    first = int(logits[0, -1].argmax())
    ids = answering.answer_decoder(llm._model, llm._facts, source.tolist(), 3)
    assert ids[0][0] == first


@pytest.mark.parametrize("name", BOTH)
def test_a_prompt_beyond_the_positions_is_refused_before_work(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    positions = llms[name]._facts.positions
    if positions is None:
        assert llms[name].plan_answers(["river"], 100_000, chat=False) == [[0]]
        return
    for new_tokens in (positions, 10 * positions):
        with pytest.raises(ModelError) as caught:
            llms[name].plan_answers(["river"], new_tokens, chat=False)
        assert caught.value.code == "context_too_short"
        assert str(positions) in caught.value.detail
        assert str(new_tokens) in caught.value.detail


def test_an_empty_prompt_is_the_callers(llms: dict[str, TransformersLLM]) -> None:
    assert len(llms["llama"].answer([""], 3, chat=False)) == 1  # <s> is a beginning
    with pytest.raises(InputError) as caught:
        llms["gpt2"].answer([""], 3, chat=False)
    assert caught.value.code == "empty_prompt"
