"""The role as a whole: plans, resumed runs, and what is said about the run."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import transformers

from tests.workers.llms.conftest import CAUSAL, PASSAGES, PROMPTS, SEQ2SEQ, TEMPLATE, build
from workers.llms.role import Decoding, LanguageModel
from workers.llms.transformers_llm import TransformersLLM, load

BOTH = [*CAUSAL, *SEQ2SEQ]
GREEDY = Decoding(24, chat=True)
SAMPLED = Decoding(12, chat=True, temperature=0.7, top_p=0.9)
FEW = Decoding(9, chat=False)


def _few_rows(llm: TransformersLLM) -> TransformersLLM:
    """The same model in batches of three."""
    return TransformersLLM(
        llm._model, llm._tokenizer, llm._kind, replace(llm._machine, most_rows=3)
    )


def _run(llm: LanguageModel, stored: Collection[int] = ()) -> dict[str, str]:
    """Ask everything batch by batch as a job does, but for the batches that are stored."""
    found = {}
    for number, batch in enumerate(llm.plan_scoring(PASSAGES)):
        if number not in stored:
            rows = llm.score([PASSAGES[index] for index in batch], 4)
            found.update({f"s{at}": json.dumps(row) for at, row in zip(batch, rows, strict=True)})
    for kind, decoding in (("a", GREEDY), ("b", SAMPLED)):
        for number, batch in enumerate(llm.plan_answers(PROMPTS, decoding)):
            if number not in stored:
                texts = llm.answer([PROMPTS[index] for index in batch], decoding, batch)
                found.update({f"{kind}{at}": text for at, text in zip(batch, texts, strict=True)})
    return found


@pytest.mark.parametrize("name", BOTH)
def test_a_resumed_run_gives_the_bytes_of_an_uninterrupted_one(
    llms: dict[str, TransformersLLM], folders: dict[str, Path], name: str
) -> None:
    whole = _run(_few_rows(llms[name]))
    assert len(whole) == len(PASSAGES) + 2 * len(PROMPTS)
    fresh = load(folders[name], llms[name]._kind, threads=1)
    resumed = _run(_few_rows(fresh), stored=(0, 2))
    assert resumed.items() <= whole.items()
    assert len(whole) - len(resumed) == 6 + 2 * 5


@pytest.mark.parametrize("name", BOTH)
def test_a_plan_holds_every_text_once_and_short_ones_first(
    llms: dict[str, TransformersLLM], name: str
) -> None:
    llm = _few_rows(llms[name])
    for plan, texts in (
        (llm.plan_scoring(PASSAGES), PASSAGES),
        (llm.plan_answers(PROMPTS, FEW), PROMPTS),
    ):
        order = [index for batch in plan for index in batch]
        assert sorted(order) == list(range(len(texts)))
        assert max(map(len, plan)) == 3
        lengths = [len(llm._tokenizer(texts[index])["input_ids"]) for index in order]
        assert lengths == sorted(lengths)
    assert llm.plan_scoring([]) == llm.plan_answers([], GREEDY) == []


def test_batches_shrink_to_the_memory(llms: dict[str, TransformersLLM]) -> None:
    llm = llms["llama"]
    row_bytes = 120 * llm._facts.token_bytes
    small = replace(llm._machine, batch_bytes=3 * row_bytes)
    tight = TransformersLLM(llm._model, llm._tokenizer, "causal", small)
    many = Decoding(100, chat=False)
    assert len(llm.plan_answers(PROMPTS, many)) == 1
    assert len(PROMPTS) > len(tight.plan_answers(PROMPTS, many)) > 1


@pytest.mark.parametrize("name", BOTH)
def test_passes_of_any_size_give_the_same(llms: dict[str, TransformersLLM], name: str) -> None:
    llm = llms[name]
    whole = llm.score(PASSAGES, 4), llm.answer(PROMPTS, FEW, range(len(PROMPTS)))
    for tokens in (1, 70):
        machine = replace(llm._machine, pass_tokens=tokens, score_tokens=tokens)
        other = TransformersLLM(llm._model, llm._tokenizer, llm._kind, machine)
        for row, expected in zip(other.score(PASSAGES, 4), whole[0], strict=True):
            assert row == pytest.approx(expected, rel=1e-5, abs=1e-5)
        assert other.answer(PROMPTS, FEW, range(len(PROMPTS))) == whole[1]


def test_the_run_is_described(llms: dict[str, TransformersLLM]) -> None:
    llm = llms["gpt2"]
    assert llm.describe() == {
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "device_name": llm._machine.name,
        "dtype": "bfloat16" if torch.cuda.is_available() else "float32",
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "threads": torch.get_num_threads(),
        "most_rows": llm._machine.most_rows,
        "batch_bytes": llm._machine.batch_bytes,
        "pass_tokens": llm._machine.pass_tokens,
        "score_tokens": llm._machine.score_tokens,
        "chat_template": None,
    }


def test_a_chat_template_is_used_and_described(tmp_path: Path) -> None:
    folder = build("llama", tmp_path)
    plain = load(folder, "causal", threads=1)
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    chatty = load(folder, "causal", threads=1)
    assert chatty.describe()["chat_template"] == hashlib.sha256(TEMPLATE.encode()).hexdigest()
    rendered = [f"[user] {prompt}\n[assistant] " for prompt in PROMPTS]
    seeds, as_chat = [0] * len(PROMPTS), replace(FEW, chat=True)
    assert chatty.answer(PROMPTS, as_chat, seeds) != plain.answer(PROMPTS, as_chat, seeds)
    assert chatty.answer(PROMPTS, FEW, seeds) == plain.answer(PROMPTS, FEW, seeds)
    ids = [plain._tokenizer(text, add_special_tokens=False)["input_ids"] for text in rendered]
    assert [chatty._prompts([prompt], as_chat)[0] for prompt in PROMPTS] == ids


def test_the_spaces_of_an_answer_are_kept(folders: dict[str, Path]) -> None:
    llm = load(folders["gpt2"], "causal", threads=1)
    llm._tokenizer.clean_up_tokenization_spaces = True  # as tokenizer_config.json may say
    llm._tokenizer.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output = True
    text = "river , stone . It 's"
    assert llm._text(llm._tokenizer(text)["input_ids"]) == text
