"""A language model in Hugging Face format, asked through transformers.

Importing this file imports torch and transformers, which takes seconds: a process that forks
one child for each job should import it before it forks.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import torch
import transformers

from app.errors import ModelError
from workers.llms import adapters
from workers.llms.answering import answer
from workers.llms.facts import Facts, read_facts
from workers.llms.failures import failing_as
from workers.llms.loading import load_model, load_streamed, load_tokenizer
from workers.llms.machine import Machine, choose_machine, fit, set_threads
from workers.llms.memory import in_halves, keep_freed_memory
from workers.llms.plan import cut, runs
from workers.llms.role import Decoding, Kind
from workers.llms.scoring import score_causal, score_decoder
from workers.llms.streaming.lockstep import one_by_one
from workers.llms.streaming.stream import must_stream
from workers.llms.texts import Tokens, chat_template, encode_passage, encode_prompt, require_room
from workers.llms.words import split_passage

__all__ = ["TransformersLLM", "load", "must_stream"]

Row = TypeVar("Row")
Scores = list[list[float]]
Together = Callable[[Sequence[Callable[[], Scores]]], list[Scores]]

_LOGIT_BYTES = 24  # of one number of a row's logits and of what drawing a token makes of it


class TransformersLLM:
    """A loaded model in the role of workers.llms.role.LanguageModel; see there for the verbs."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        kind: Kind,
        machine: Machine,
        together: Together = one_by_one,
    ) -> None:
        self._together = together
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
        # How much is in memory at a time depends on passes, not on batches.
        return cut(lengths, longest * self._machine.most_rows, self._machine.most_rows)

    def score(self, passages: Sequence[str], scored_words: int) -> list[list[float]]:
        """Return log-probabilities of one batch, shape (passages, scored_words)."""
        parts = [split_passage(passage, scored_words) for passage in passages]
        if self._kind == "causal":
            texts = [self._tokens(" ".join(part), scored_words) for part in parts]
            return self._by_pass(score_causal, texts, [len(one.ids) for one in texts], scored_words)
        pairs = [(self._tokens(one, 0), self._tokens(two, scored_words)) for one, two in parts]
        sizes = [max(len(one.ids), len(two.ids)) for one, two in pairs]
        return self._by_pass(score_decoder, pairs, sizes, scored_words)

    def plan_answers(self, prompts: Sequence[str], decoding: Decoding) -> list[list[int]]:
        """Return batches of indices into `prompts`, by token length."""
        sizes = [
            (len(ids) + decoding.max_new_tokens) * self._facts.token_bytes
            + self._facts.vocabulary * _LOGIT_BYTES
            for ids in self._prompts(prompts, decoding)
        ]
        return cut(sizes, self._machine.batch_bytes, self._machine.most_rows)

    def answer(self, prompts: Sequence[str], decoding: Decoding, seeds: Sequence[int]) -> list[str]:
        """Return the answers of one batch."""
        ids = self._prompts(prompts, decoding)
        tokens = in_halves(
            lambda rows: answer(
                self._model,
                self._facts,
                [prompt for prompt, _ in rows],
                decoding,
                [seed for _, seed in rows],
                self._machine.pass_tokens,
            ),
            list(zip(ids, seeds, strict=True)),
        )
        with failing_as("tokenizer_failed", "The tokenizer failed on an answer"):
            return [self._text(answer) for answer in tokens]

    def describe(self) -> dict[str, str | int | None]:
        """Return what the numbers depend on; `chat_template` is a sha256 in hex, or None."""
        template = chat_template(self._tokenizer)
        return {
            "device": self._machine.device,
            "device_name": self._machine.name,
            "dtype": str(self._machine.dtype).removeprefix("torch."),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "threads": torch.get_num_threads(),
            "most_rows": self._machine.most_rows,
            "batch_bytes": self._machine.batch_bytes,
            "pass_tokens": self._machine.pass_tokens,
            "score_tokens": self._machine.score_tokens,
            "chat_template": hashlib.sha256(template.encode()).hexdigest() if template else None,
        }

    def _by_pass(
        self,
        score: Callable[[Any, Facts, Sequence[Row], int], list[list[float]]],
        rows: Sequence[Row],
        sizes: Sequence[int],
        scored_words: int,
    ) -> list[list[float]]:
        """Score rows, whose sizes are in tokens, as many at a time as a pass may read."""

        def ask(part: Sequence[Row]) -> list[list[float]]:
            return score(self._model, self._facts, part, scored_words)

        passes = [
            partial(in_halves, ask, [rows[at] for at in run])
            for run in runs(sizes, self._machine.score_tokens)
        ]
        return [*chain.from_iterable(self._together(passes))]

    def _tokens(self, text: str, scored_words: int) -> Tokens:
        return encode_passage(self._tokenizer, self._facts, text, scored_words)

    def _prompts(self, prompts: Sequence[str], decoding: Decoding) -> list[list[int]]:
        ids = [encode_prompt(self._tokenizer, self._facts, one, decoding.chat) for one in prompts]
        require_room(self._facts, max(map(len, ids), default=0), decoding.max_new_tokens)
        return ids

    def _text(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text


def load(
    directory: Path,
    kind: Kind,
    threads: int | None = None,
    *,
    streamed: bool = False,
    memory_mb: int | None = None,
) -> TransformersLLM:
    """Load a vetted directory, and the adapter in it if there is one, onto the best device.

    `threads` None lets the model's size decide, `memory_mb` is what the process may hold (None:
    half the machine's), `streamed` leaves weights on disk (workers.llms.streaming). Raises
    ModelError: `load_failed`, `no_offsets`, `wrong_kind`, `weights_incomplete`,
    `no_decoder_start`, what workers.llms.adapters and streaming say; MemoryError where it does
    not fit.
    """
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    keep_freed_memory()
    machine = choose_machine()
    tokenizer = load_tokenizer(directory)
    adapter = directory / "adapter"
    together: Together = one_by_one
    if not streamed:
        model = load_model(directory, kind, machine)
    elif adapter.exists():
        raise ModelError("cannot_stream", "Give the job more memory: it must hold the base.")
    else:
        model, lockstep = load_streamed(directory, kind, machine)
        together = lockstep.run
    if adapter.exists():
        adapters.merge(model, adapter)
    parameters = model.num_parameters()
    set_threads(parameters, threads)
    fitted = fit(machine, parameters, memory_mb, streamed=streamed)
    return TransformersLLM(model, tokenizer, kind, fitted, together)
