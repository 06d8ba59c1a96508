"""Batched answers are the texts that transformers gives to one prompt at a time."""

from typing import Any

import pytest
import torch
from transformers import GenerationConfig

from app.errors import InputError, ModelError
from tests.workers.llms.conftest import CAUSAL, PROMPTS, SEQ2SEQ
from workers.llms import answering
from workers.llms.role import Decoding
from workers.llms.transformers_llm import TransformersLLM

BOTH = [*CAUSAL, *SEQ2SEQ]
NEW = 20
GREEDY = Decoding(NEW, chat=False)
SAMPLED = Decoding(NEW, chat=False, temperature=0.8, top_p=0.9)
SEEDS = range(100, 100 + len(PROMPTS))


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


def _tokens(llm: TransformersLLM, decoding: Decoding, pass_tokens: int = 512) -> list[list[int]]:
    """The tokens of the answers to all prompts, in one batch."""
    ids = [llm._tokenizer(prompt)["input_ids"] for prompt in PROMPTS]
    return answering.answer(llm._model, llm._facts, ids, decoding, SEEDS, pass_tokens)


@pytest.mark.parametrize("name", BOTH)
def test_a_batch_equals_one_by_one(llms: dict[str, TransformersLLM], name: str) -> None:
    answers = llms[name].answer(PROMPTS, GREEDY, SEEDS)
    assert answers == [one_by_one(llms[name], prompt, NEW) for prompt in PROMPTS]
    assert len(set(answers)) > len(PROMPTS) // 2


@pytest.mark.parametrize("name", BOTH)
def test_sampled_answers_depend_on_their_seeds_alone(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    llm = llms[name]
    whole = llm.answer(PROMPTS, SAMPLED, SEEDS)
    assert whole == llm.answer(PROMPTS, SAMPLED, SEEDS)
    assert whole[::-1] == llm.answer(PROMPTS[::-1], SAMPLED, SEEDS[::-1])
    assert whole[2:5] == llm.answer(PROMPTS[2:5], SAMPLED, SEEDS[2:5])
    others = llm.answer(PROMPTS, SAMPLED, [seed + 1 for seed in SEEDS])
    assert sum(a != b for a, b in zip(whole, others, strict=True)) > len(PROMPTS) // 2
    assert len(set(llm.answer(PROMPTS[:1] * 8, SAMPLED, range(8)))) > 4


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED])
def test_rows_that_end_early_leave_and_the_others_do_not_notice(
    llms: dict[str, TransformersLLM], decoding: Decoding
) -> None:
    llm = llms["llama"]
    tokens = _tokens(llm, decoding)
    assert len({len(one) for one in tokens}) > 3  # else this test shows nothing
    for at, prompt in enumerate(PROMPTS):
        ids = llm._tokenizer(prompt)["input_ids"]
        [alone] = answering.answer(llm._model, llm._facts, [ids], decoding, [SEEDS[at]], 512)
        assert alone == tokens[at]


def test_answers_end_at_the_limit_and_before_the_stop(llms: dict[str, TransformersLLM]) -> None:
    for name in BOTH:
        for tokens in _tokens(llms[name], Decoding(7, chat=False)):
            assert len(tokens) <= 7
            assert not set(tokens) & set(llms[name]._facts.stops)


def test_a_decoders_answer_keeps_its_first_token(llms: dict[str, TransformersLLM]) -> None:
    llm = llms["t5"]
    source = llm._tokenizer("river stone", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits = llm._model(input_ids=source, decoder_input_ids=torch.tensor([[0]])).logits
    first = int(logits[0, -1].argmax())
    few = Decoding(3, chat=False)
    ids = answering.answer(llm._model, llm._facts, source.tolist(), few, [0], 512)
    assert ids[0][0] == first


@pytest.mark.parametrize("name", BOTH)
def test_a_prompt_beyond_the_positions_is_refused_before_work(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    positions = llms[name]._facts.positions
    if positions is None:
        assert llms[name].plan_answers(["river"], Decoding(100_000, chat=False)) == [[0]]
        return
    for new_tokens in (positions, 10 * positions):
        with pytest.raises(ModelError) as caught:
            llms[name].plan_answers(["river"], Decoding(new_tokens, chat=False))
        assert caught.value.code == "context_too_short"
        assert str(positions) in caught.value.detail
        assert str(new_tokens) in caught.value.detail


def test_an_empty_prompt_is_the_callers(llms: dict[str, TransformersLLM]) -> None:
    few = Decoding(3, chat=False)
    assert len(llms["llama"].answer([""], few, [0])) == 1  # <s> is a beginning
    with pytest.raises(InputError) as caught:
        llms["gpt2"].answer([""], few, [0])
    assert caught.value.code == "empty_prompt"
