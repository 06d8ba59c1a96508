"""A leaf: the least time that asking a Llama can take on a machine, phase by phase.

A pass of a batch takes at least its arithmetic at the best rate of matrix products, and at least
the reading of all weights and of its rows' cache at the best rate of memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.llamas import Llama

Plan = Sequence[Sequence[int]]


@dataclass(frozen=True)
class Limits:
    """What a machine can do at best."""

    flops_per_s: float
    bytes_per_s: float

    def seconds(self, flops: int, moved: int) -> float:
        """The larger time of computing `flops` and of reading `moved` bytes."""
        return max(flops / self.flops_per_s, moved / self.bytes_per_s)


@dataclass(frozen=True)
class Asked:
    """A Llama, the tokens of each text, the batches of texts, and the bytes of one number."""

    llama: Llama
    tokens: Sequence[int]
    plan: Plan
    item_bytes: int

    @property
    def weight_bytes(self) -> int:
        """All weights."""
        return self.llama.parameters * self.item_bytes

    def cache_bytes(self, new_tokens: int) -> int:
        """Keys and values at the end of the batch that has the most of them."""
        longest = [len(lengths) * (max(lengths) + new_tokens) for lengths in self._batches()]
        return max(longest) * self.llama.cached_numbers * self.item_bytes

    def scoring_flops(self, scored: int) -> int:
        """Arithmetic that predicts the last `scored` tokens; the very last is not read."""
        return sum(self.llama.flops(0, length - 1, scored) for length in self.tokens)

    def scoring_s(self, limits: Limits, scored: int) -> float:
        """The passes of all batches that do so."""
        return self._passes_s(limits, unread=1, predicted=scored)

    def prefill_s(self, limits: Limits) -> float:
        """The passes that predict the first new token of each text."""
        return self._passes_s(limits, unread=0, predicted=1)

    def decoding_s(self, limits: Limits, new_tokens: int) -> float:
        """The passes that predict all others, where every answer goes to the limit."""
        steps = range(1, new_tokens)
        return sum(self._step_s(limits, batch, step) for batch in self._batches() for step in steps)

    def _passes_s(self, limits: Limits, unread: int, predicted: int) -> float:
        return sum(
            limits.seconds(
                sum(self.llama.flops(0, length - unread, predicted) for length in lengths),
                self.weight_bytes,
            )
            for lengths in self._batches()
        )

    def _step_s(self, limits: Limits, lengths: Sequence[int], step: int) -> float:
        ends = [length + step for length in lengths]
        cached = sum(ends) * self.llama.cached_numbers * self.item_bytes
        flops = sum(self.llama.flops(end - 1, end, 1) for end in ends)
        return limits.seconds(flops, self.weight_bytes + cached)

    def _batches(self) -> Iterator[list[int]]:
        return ([self.tokens[index] for index in batch] for batch in self.plan)
