"""The role that asks language models, in two verbs. A leaf: no torch here, all may import it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["causal", "seq2seq"]


@dataclass(frozen=True)
class Decoding:
    """How prompts are answered: greedily, or by sampling where `temperature` is above 0.

    `chat` uses the model's chat template where it has one; `top_p` keeps the likeliest tokens
    that together have that probability.
    """

    max_new_tokens: int
    chat: bool
    temperature: float = 0.0
    top_p: float = 1.0


class LanguageModel(Protocol):
    """Scores passages and answers prompts, one batch a call.

    The caller asks for a plan of the whole list once, walks it batch by batch and stores each
    batch. The plan depends on the model and the list alone, so a resumed run that skips the
    batches already stored gives the bytes of an uninterrupted one (on the CPU).
    """

    def plan_scoring(self, passages: Sequence[str]) -> list[list[int]]:
        """Return batches of indices into `passages`; each index is in one batch exactly.

        Raises ModelError `context_too_short` before any work where a passage does not fit.
        """
        ...

    def score(self, passages: Sequence[str], scored_words: int) -> list[list[float]]:
        """Score ONE batch: a row of `scored_words` natural-log probabilities for each passage.

        Words are separated by single spaces; each of the last `scored_words` is scored given all
        words before it. Raises InputError for a malformed passage, ModelError `nan_logits` where
        a probability is not a finite number.
        """
        ...

    def plan_answers(self, prompts: Sequence[str], decoding: Decoding) -> list[list[int]]:
        """Return batches of indices into `prompts`; each index is in one batch exactly.

        Raises ModelError `context_too_short` before any work where a prompt and its answer
        do not fit.
        """
        ...

    def answer(self, prompts: Sequence[str], decoding: Decoding, seeds: Sequence[int]) -> list[str]:
        """Answer ONE batch, with at most `max_new_tokens` new tokens each.

        `seeds`, one a prompt, alone decide what is sampled, whatever else is in the batch; greedy
        answers do not depend on them. An answer may be empty: then the model said nothing.
        Raises ModelError `nan_logits` where the model gives no finite logits.
        """
        ...

    def describe(self) -> dict[str, str | int | None]:
        """Say what the numbers depend on: device, dtype, versions, threads, chat template."""
        ...
