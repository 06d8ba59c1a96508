"""The keys and values of a batch: put together from groups of rows, grown in place, cut to rows.

transformers' own cache copies itself for each new token, which took a fifth of a step of 128 rows
of a model of 100 M parameters.
"""

from collections.abc import Iterable
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from app.errors import ModelError


class RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers publishes no types
    """A layer's keys and values, (rows, heads, tokens, width) each, with room for more tokens."""

    def __init__(self, keys: torch.Tensor, values: torch.Tensor, length: int) -> None:
        """Take keys and values of which the first `length` tokens are there."""
        super().__init__()
        self.lazy_initialization(keys, values)
        self._all = (keys, values)
        self._show(length)

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, *_: object, **__: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write what belongs to the next tokens, and return what there is then."""
        start = self.keys.shape[-2]
        end = start + keys.shape[-2]
        for room, new in zip(self._all, (keys, values), strict=True):
            room[..., start:end, :] = new
        self._show(end)
        return self.keys, self.values

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep some rows."""
        length = self.keys.shape[-2]
        self._all = (self._all[0][indices], self._all[1][indices])
        self._show(length)

    def _show(self, length: int) -> None:
        self.keys, self.values = (room[..., :length, :] for room in self._all)


def new_cache(model: Any) -> DynamicCache:
    """Return an empty cache of the model's decoder.

    Raises ModelError `unsupported_cache` where a layer keeps anything but keys and values.
    """
    cache = DynamicCache(config=model.config)
    kinds = {type(layer) for layer in cache.layers} - {DynamicLayer, DynamicSlidingWindowLayer}
    if kinds:
        names = ", ".join(sorted(kind.__name__ for kind in kinds))
        raise ModelError(
            "unsupported_cache", f"Use a model of attention layers alone, not {names}."
        )
    return cache


def join(
    parts: Iterable[DynamicCache], whole: DynamicCache, rows: int, length: int, room: int
) -> DynamicCache:
    """Put `rows` rows, which come in parts, into an empty cache, with room for more tokens.

    Parts of fewer than `length` tokens are filled with zeros on the left, as their tokens were.
    Each is copied before the next is asked for, so that they are never in memory together.
    """
    start = 0
    for part in parts:
        end = start + part.layers[0].keys.shape[0]
        for at, layer in enumerate(part.layers):
            if start == 0:
                whole.layers[at] = _zeros(layer, rows, length, room)
            joined = whole.layers[at]
            for all_rows, new in ((joined.keys, layer.keys), (joined.values, layer.values)):
                all_rows[start:end, :, all_rows.shape[2] - new.shape[2] :] = new
        start = end
    return whole


def _zeros(like: DynamicLayer, rows: int, length: int, room: int) -> DynamicLayer:
    """Return a layer of `length` tokens; a sliding window that is never reached is none."""

    def zeros(part: torch.Tensor, tokens: int) -> torch.Tensor:
        return part.new_zeros((rows, part.shape[1], tokens, part.shape[3]))

    if not like.is_sliding or like.sliding_window > length + room:
        keys, values = (zeros(part, length + room) for part in (like.keys, like.values))
        return RoomyLayer(keys, values, length)
    layer = DynamicSlidingWindowLayer(like.sliding_window)
    layer.lazy_initialization(like.keys, like.values)
    kept = min(length, like.sliding_window - 1)
    layer.keys, layer.values = (zeros(part, kept) for part in (like.keys, like.values))
    layer.cumulative_length = length
    return layer
