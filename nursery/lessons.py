"""Lessons: texts as batches of token ids, drawn with a generator."""

from collections.abc import Sequence
from typing import Protocol

import torch
from transformers import PreTrainedTokenizerFast

from nursery.diets import Page

Batch = dict[str, torch.Tensor]
Pair = tuple[str, str]
TOKENS_A_STEP = 384
SPANS = (96, 96, 96, 384)  # mostly short for many documents a step, sometimes long for positions
PAIRS_A_STEP = 10
IGNORED = -100


class Lessons(Protocol):
    """Where training steps get their batches from."""

    def batch(self, step: int, generator: torch.Generator) -> Batch:
        """Return `input_ids`, `labels` (and `attention_mask`) for this step."""
        ...


class RunningText:
    """Documents joined to one stream; a batch is a few windows that begin with a document."""

    def __init__(self, pairs: Sequence[Pair], tokenizer: PreTrainedTokenizerFast) -> None:
        encoded = tokenizer([before + after for before, after in pairs])["input_ids"]
        closed = [[*ids, tokenizer.eos_token_id] for ids in encoded]
        self._stream = torch.tensor([token for ids in closed for token in ids])
        self._starts = torch.tensor([0, *(len(ids) for ids in closed[:-1])]).cumsum(0)

    def batch(self, step: int, generator: torch.Generator) -> Batch:
        """Return windows of one length from SPANS, TOKENS_A_STEP tokens in all."""
        span = SPANS[step % len(SPANS)]
        usable = self._starts[self._starts <= len(self._stream) - span]
        picks = torch.randint(len(usable), (TOKENS_A_STEP // span,), generator=generator)
        ids = torch.stack([self._stream[start : start + span] for start in usable[picks]])
        return {"input_ids": ids, "labels": ids}


class Pairs:
    """What an encoder reads and what its decoder should say, in batches of similar length."""

    def __init__(self, pairs: Sequence[Pair], tokenizer: PreTrainedTokenizerFast) -> None:
        read = tokenizer([before.strip() for before, _ in pairs])["input_ids"]
        say = tokenizer([after.strip() for _, after in pairs])["input_ids"]
        self._pairs = sorted(zip(read, say, strict=True), key=lambda pair: len(pair[1]))
        self._pad = tokenizer.pad_token_id

    def batch(self, step: int, generator: torch.Generator) -> Batch:
        """Return PAIRS_A_STEP neighbours in length, so little is padding; `step` plays no part."""
        last = len(self._pairs) - PAIRS_A_STEP
        start = int(torch.randint(last + 1, (1,), generator=generator))
        pairs = self._pairs[start : start + PAIRS_A_STEP]
        read = _padded([ids for ids, _ in pairs], self._pad)
        return {
            "input_ids": read,
            "attention_mask": (read != self._pad).long(),
            "labels": _padded([ids for _, ids in pairs], IGNORED),
        }


def laid_out(pages: Sequence[Page], tokenizer: PreTrainedTokenizerFast) -> list[Pair]:
    """Return what is given and what is to be learned; a chat turn in the tokenizer's template."""
    return [
        (_chat_turn(page.before, tokenizer) if page.chat else page.before, page.after)
        for page in pages
    ]


def _chat_turn(prompt: str, tokenizer: PreTrainedTokenizerFast) -> str:
    turn: str = tokenizer.apply_chat_template(
        [{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True
    )
    return turn.removeprefix(tokenizer.bos_token)  # the tokenizer puts it there again


def _padded(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
    tensors = [torch.tensor(row) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=filler)
