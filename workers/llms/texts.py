"""Texts become token ids here: passages with the words of their tokens, prompts as chat or not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import InputError, ModelError
from workers.llms.facts import Facts
from workers.llms.failures import failing_as, within
from workers.llms.words import scored_slots

LONGEST_PROMPT = 64 * 1024  # bytes, after the chat template
MOST_SECONDS = 1.0  # of the processor for one text; usual ones take milliseconds
# Templates that print today's date would make answers depend on the day they were given: those
# see this day instead. transformers passes no function of ours to a template, hence a macro.
_DAY = datetime(2024, 7, 26)  # noqa: DTZ001 - a date to print, not a moment
_DIRECTIVES = (*"aAbBdeFHIjmMpSTyY", "-d", "-m", "-I")
_FIXED_DAY = (
    "{% macro strftime_now(format) %}{{ format"
    + "".join(f"|replace('%{one}', '{_DAY.strftime('%' + one)}')" for one in _DIRECTIVES)
    + " }}{% endmacro %}\n"
)


@dataclass(frozen=True)
class Tokens:
    """Token ids of a text and the scored word of each (words.UNSCORED for none)."""

    ids: list[int]
    slots: list[int]


def encode_passage(tokenizer: Any, facts: Facts, text: str, scored_words: int) -> Tokens:
    """Return all tokens of `text`, also those that the tokenizer adds, for its last words.

    Raises ModelError `text_dropped`, `tokenizer_failed`, `tokenizer_mismatch`.
    """
    with _bounded("tokenizer_failed", "The tokenizer failed on a passage"):
        encoded = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    ids = _known(encoded["input_ids"], facts)
    spans = [
        None if added else span
        for span, added in zip(
            encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True
        )
    ]
    return Tokens(ids, scored_slots(text, spans, scored_words))


def encode_prompt(tokenizer: Any, facts: Facts, prompt: str, chat: bool) -> list[int]:
    """Return token ids of `prompt`, by the chat template where `chat` and there is one.

    Raises ModelError `prompt_too_long`, `chat_template_failed`, `tokenizer_failed`.
    """
    as_chat = chat and chat_template(tokenizer) is not None
    text = _render(tokenizer, prompt) if as_chat else prompt
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST_PROMPT:
        raise ModelError("prompt_too_long", "Shorten the prompt: rendered, it exceeds 64 KiB.")
    with _bounded("tokenizer_failed", "The tokenizer failed on a prompt"):
        encoded = tokenizer(
            text, add_special_tokens=not as_chat, return_special_tokens_mask=not as_chat
        )
    ids = encoded["input_ids"]
    if facts.start is None and not as_chat:
        ids = _without_added_stop(ids, encoded["special_tokens_mask"], facts)
    if not ids:
        raise InputError("empty_prompt", "Hand in a prompt of at least one token.")
    return _known(ids, facts)


def chat_template(tokenizer: Any) -> str | None:
    """Return the template that chats are rendered with, if there is one.

    Raises ModelError `chat_template_failed` where there are several and none is the default.
    """
    if not tokenizer.chat_template:
        return None
    with failing_as("chat_template_failed", "The chat template could not be chosen"):
        template: str = tokenizer.get_chat_template()
    return template


def require_room(facts: Facts, tokens: int, new_tokens: int = 0) -> None:
    """Raise ModelError `context_too_short` where a text and its answer exceed the positions.

    An encoder-decoder has the positions twice, for the text and for the answer and its start.
    """
    needed = tokens + new_tokens if facts.start is None else max(tokens, new_tokens + 1)
    if facts.positions is not None and needed > facts.positions:
        raise ModelError(
            "context_too_short",
            f"Use a model with at least {needed} positions: this one has {facts.positions}, "
            f"the longest text takes {tokens} tokens and its answer {new_tokens}.",
        )


@contextmanager
def _bounded(code: str, what: str) -> Iterator[None]:
    """Hold a stranger's template or tokenizer to one kind of failure and a time for each text."""
    with failing_as(code, what), within(MOST_SECONDS, code, what):
        yield


def _render(tokenizer: Any, prompt: str) -> str:
    template = chat_template(tokenizer) or ""
    with _bounded("chat_template_failed", "The chat template failed"):
        rendered: str = tokenizer.apply_chat_template(
            [{"role": "user", "content": prompt}],
            chat_template=_FIXED_DAY + template if "strftime_now" in template else template,
            add_generation_prompt=True,
            tokenize=False,
        )
    return rendered


def _without_added_stop(ids: list[int], added: Sequence[int], facts: Facts) -> list[int]:
    """Return ids without the end that some tokenizers add: a model would continue after it."""
    ended = len(ids) > 1 and added[-1] and ids[-1] in facts.stops
    return ids[:-1] if ended else ids


def _known(ids: list[int], facts: Facts) -> list[int]:
    if ids and max(ids) >= facts.vocabulary:
        raise ModelError(
            "tokenizer_mismatch",
            f"Use the model's own tokenizer: it gives token {max(ids)}, and the model has "
            f"{facts.vocabulary}.",
        )
    return ids
