"""A language model in Hugging Face format, asked through transformers.

Importing this file imports torch and transformers, which takes seconds: a process that forks
one child for each job should import it before it forks.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import transformers

from workers.llms.answering import answer_causal, answer_decoder
from workers.llms.facts import read_facts
from workers.llms.failures import failing_as
from workers.llms.loading import load_model, load_tokenizer
from workers.llms.machine import Machine, choose_machine, fit, keep_freed_memory
from workers.llms.plan import cut, rows_within
from workers.llms.role import Kind
from workers.llms.scoring import score_causal, score_decoder
from workers.llms.texts import Tokens, chat_template, encode_passage, encode_prompt, require_room
from workers.llms.words import split_passage


class TransformersLLM:
    """A loaded model in the role of workers.llms.role.LanguageModel; see there for the verbs."""

    def __init__(self, model: Any, tokenizer: Any, kind: Kind, machine: Machine) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._kind = kind
        self._machine = machine
        self._facts = read_facts(model, tokenizer, kind)

    def plan_scoring(self, passages: Sequence[str]) -> list[list[int]]:
        """Return batches of indices into `passages`, by token length."""
        lengths = [len(self._tokens(" ".join(split_passage(text, 1)), 1).ids) for text in passages]
        longest = max(lengths, default=0)
        require_room(self._facts, longest)
        return self._cut(lengths, longest * (self._facts.token_bytes + 4 * self._facts.vocabulary))

    def score(self, passages: Sequence[str], scored_words: int) -> list[list[float]]:
        """Return log-probabilities of one batch, shape (passages, scored_words)."""
        parts = [split_passage(passage, scored_words) for passage in passages]
        if self._kind == "causal":
            rows = [self._tokens(" ".join(part), scored_words) for part in parts]
            return score_causal(self._model, self._facts, rows, scored_words)
        contexts = [self._tokens(context, 0) for context, _ in parts]
        targets = [self._tokens(target, scored_words) for _, target in parts]
        return score_decoder(self._model, self._facts, contexts, targets, scored_words)

    def plan_answers(
        self, prompts: Sequence[str], max_new_tokens: int, chat: bool
    ) -> list[list[int]]:
        """Return batches of indices into `prompts`, by token length."""
        lengths = [len(ids) for ids in self._prompts(prompts, max_new_tokens, chat)]
        longest = max(lengths, default=0) + max_new_tokens
        return self._cut(lengths, longest * self._facts.token_bytes)

    def answer(self, prompts: Sequence[str], max_new_tokens: int, chat: bool) -> list[str]:
        """Return greedy answers of one batch."""
        ids = self._prompts(prompts, max_new_tokens, chat)
        reply = answer_causal if self._kind == "causal" else answer_decoder
        tokens = reply(self._model, self._facts, ids, max_new_tokens)
        with failing_as("tokenizer_failed", "The tokenizer failed on an answer"):
            return [self._text(answer) for answer in tokens]

    def describe(self) -> dict[str, str | int | None]:
        """Return what the numbers depend on; `chat_template` is a sha256 in hex, or None."""
        template = chat_template(self._tokenizer)
        return {
            "device": self._machine.device,
            "dtype": str(self._machine.dtype).removeprefix("torch."),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "threads": torch.get_num_threads(),
            "chat_template": hashlib.sha256(template.encode()).hexdigest() if template else None,
        }

    def _cut(self, lengths: list[int], row_bytes: int) -> list[list[int]]:
        rows = rows_within(self._machine.batch_bytes, row_bytes, self._machine.most_rows)
        return cut(lengths, rows)

    def _tokens(self, text: str, scored_words: int) -> Tokens:
        return encode_passage(self._tokenizer, self._facts, text, scored_words)

    def _prompts(self, prompts: Sequence[str], max_new_tokens: int, chat: bool) -> list[list[int]]:
        ids = [encode_prompt(self._tokenizer, self._facts, text, chat) for text in prompts]
        require_room(self._facts, max(map(len, ids), default=0), max_new_tokens)
        return ids

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


def load(directory: Path, kind: Kind, threads: int | None = None) -> TransformersLLM:
    """Load a vetted directory onto the best device; `threads` None lets the model's size decide.

    Raises ModelError: `load_failed`, `no_offsets`, `wrong_kind`, `weights_incomplete`,
    `no_decoder_start`; MemoryError where it does not fit.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    keep_freed_memory()
    machine = choose_machine()
    tokenizer = load_tokenizer(directory)
    model = load_model(directory, kind, machine)
    fitted = fit(machine, model.num_parameters(), threads)
    return TransformersLLM(model, tokenizer, kind, fitted)
