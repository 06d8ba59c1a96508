"""Ids and limits are read from config and tokenizer, and none lies outside the vocabulary."""

from pathlib import Path
from typing import Any

import pytest

from tests.workers.llms.conftest import PROMPTS, STOPS, kind_of
from workers.llms.facts import read_facts
from workers.llms.loading import load_tokenizer
from workers.llms.role import Decoding
from workers.llms.transformers_llm import TransformersLLM


@pytest.fixture
def tokenizer(folders: dict[str, Path]) -> Any:
    return load_tokenizer(folders["llama"])


def test_every_stop_of_tokenizer_and_config_counts(
    llms: dict[str, TransformersLLM], tokenizer: Any
) -> None:
    model = llms["llama"]._model
    assert read_facts(model, tokenizer, "causal").stops == tuple(STOPS)
    tokenizer.add_special_tokens({"eos_token": "<end>"})
    assert tokenizer.eos_token_id == 320  # a token beyond the embeddings stops nothing
    assert read_facts(model, tokenizer, "causal").stops == tuple(STOPS)
    tokenizer.add_special_tokens({"eos_token": "<s>"})
    assert read_facts(model, tokenizer, "causal").stops == (1, *STOPS)


def test_a_batch_is_filled_with_an_id_that_the_model_has(
    llms: dict[str, TransformersLLM], tokenizer: Any
) -> None:
    llm = llms["llama"]
    seeds, few = [0] * len(PROMPTS), Decoding(9, chat=False)
    expected = llm.answer(PROMPTS, few, seeds)
    tokenizer.add_special_tokens({"pad_token": "<fill>"})
    for pad, pad_id in (("<fill>", 320), (None, None)):
        tokenizer.pad_token = pad
        assert tokenizer.pad_token_id == pad_id
        assert read_facts(llm._model, tokenizer, "causal").fill == STOPS[0]
        other = TransformersLLM(llm._model, tokenizer, "causal", llm._machine)
        assert other.answer(PROMPTS, few, seeds) == expected


@pytest.mark.parametrize(
    ("name", "positions", "token_bytes"),
    [
        ("llama", 256, 2 * 2 * 2 * 8 * 4),  # keys and values, layers, shared heads, width, float32
        ("gpt2", 128, 2 * 2 * 4 * 8 * 4),
        ("t5", None, 2 * 2 * 4 * 8 * 4),
        ("mbart", 128, 2 * 2 * 4 * 8 * 4),
    ],
)
def test_limits_and_sizes_are_read(
    llms: dict[str, TransformersLLM], name: str, positions: int | None, token_bytes: int
) -> None:
    facts = read_facts(llms[name]._model, llms[name]._tokenizer, kind_of(name))
    assert (facts.positions, facts.token_bytes) == (positions, token_bytes)
    assert facts.start == {"t5": 0, "mbart": 2}.get(name)
