"""Rows that are being answered: the model reads their prompts, then one token of each at a time.

Prompts are read in groups of similar length, so that hardly any filling is read and what a pass
takes is bounded; their rows then go on together.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

import torch
from transformers import EncoderDecoderCache

from workers.llms import batches
from workers.llms.caching import join, new_cache
from workers.llms.facts import Facts
from workers.llms.forward import accepts, run
from workers.llms.plan import runs

Prompts = Sequence[Sequence[int]]


class Rows(Protocol):
    """The rows of a batch after some tokens; `logits`, (rows, vocabulary), are of the next."""

    logits: torch.Tensor

    def read(self, tokens: torch.Tensor) -> None:
        """Read one token of each row, int64 of shape (rows,)."""

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with these rows alone, int64 indices."""


def begin(model: Any, facts: Facts, prompts: Prompts, room: int, pass_tokens: int) -> Rows:
    """Read all prompts, at most `pass_tokens` tokens a pass; `room` tokens may be read after them.

    Raises ModelError `forward_failed`, `unsupported_cache`.
    """
    groups = [
        [prompts[row] for row in group]
        for group in runs([len(ids) for ids in prompts], pass_tokens)
    ]
    kind = CausalRows if facts.start is None else DecoderRows
    return kind(model, facts, groups, room)


class CausalRows:
    """Rows of a causal model, filled up on the left."""

    def __init__(self, model: Any, facts: Facts, groups: Sequence[Prompts], room: int) -> None:
        """Read the prompts, group by group."""
        self._model = model
        self._places = accepts(model, "position_ids")
        self._length = max(len(ids) for group in groups for ids in group)
        masks, logits = [], []

        def parts() -> Iterator[Any]:
            for group in groups:
                cache, mask = new_cache(model), batches.mask(group, left=True).to(model.device)
                logits.append(self._last(batches.pad(group, facts.fill, left=True), mask, cache))
                masks.append(_filled(mask, self._length - mask.shape[1], room))
                yield cache

        rows = sum(map(len, groups))
        self._cache = join(parts(), new_cache(model), rows, self._length, room)
        self._mask, self.logits = torch.cat(masks), torch.cat(logits)

    def read(self, tokens: torch.Tensor) -> None:
        """Read one token of each row."""
        self._length += 1
        mask = self._mask[:, : self._length]
        self.logits = self._last(tokens.unsqueeze(1), mask, self._cache)

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with these rows alone."""
        self._mask = self._mask[rows]
        self._cache.batch_select_indices(rows)

    def _last(self, ids: torch.Tensor, mask: torch.Tensor, cache: Any) -> torch.Tensor:
        """Return the logits after the last of `ids`, which are the last that `mask` tells of."""
        places = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        output = run(
            self._model,
            input_ids=ids,
            attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **({"position_ids": places} if self._places else {}),
        )
        return cast("torch.Tensor", output.logits[:, -1])


class DecoderRows:
    """Rows of an encoder-decoder: the encoder reads the prompts, the decoder begins its texts."""

    def __init__(self, model: Any, facts: Facts, groups: Sequence[Prompts], room: int) -> None:
        """Encode the prompts, group by group, and read the start of each answer."""
        self._model = model
        encoded, masks = [], []
        for group in groups:
            masks.append(batches.mask(group).to(model.device))
            ids = batches.pad(group, facts.fill)
            encoded.append(run(model.get_encoder(), input_ids=ids, attention_mask=masks[-1]))
        longest = max(mask.shape[1] for mask in masks)
        self._mask = torch.cat([_filled(mask, 0, longest - mask.shape[1], 0) for mask in masks])
        states = [output.last_hidden_state for output in encoded]
        self._output = type(encoded[0])
        self._states = torch.cat(
            [torch.nn.functional.pad(one, (0, 0, 0, longest - one.shape[1])) for one in states]
        )
        self._cache = EncoderDecoderCache(new_cache(model), new_cache(model))
        self.read(torch.full((len(self._mask),), cast("int", facts.start)))
        first = [self._cache.self_attention_cache]
        rows = len(self._mask)
        self._cache.self_attention_cache = join(first, new_cache(model), rows, 1, room)

    def read(self, tokens: torch.Tensor) -> None:
        """Read one token of each row."""
        output = run(
            self._model,
            decoder_input_ids=tokens.unsqueeze(1),
            encoder_outputs=self._output(last_hidden_state=self._states),
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
        )
        self.logits = output.logits[:, -1]

    def keep(self, rows: torch.Tensor) -> None:
        """Go on with these rows alone."""
        self._mask, self._states = self._mask[rows], self._states[rows]
        self._cache.self_attention_cache.batch_select_indices(rows)
        self._cache.cross_attention_cache.batch_select_indices(rows)


def _filled(mask: torch.Tensor, left: int, right: int, value: int = 1) -> torch.Tensor:
    """Lengthen a mask: by zeros on the left, by `value` on the right."""
    mask = torch.nn.functional.pad(mask, (left, 0))
    return torch.nn.functional.pad(mask, (0, right), value=value)
