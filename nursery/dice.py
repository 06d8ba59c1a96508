"""A leaf: every choice in the nursery is a throw of named, seeded dice."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def seed_for(seed: int, *labels: str) -> int:
    """Derive a seed in [0, 2**63) for one purpose: the same on every platform."""
    key = "/".join((str(seed), *labels)).encode()
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big") >> 1


class Dice:
    """Choices drawn from a numpy generator that belongs to one (seed, labels)."""

    def __init__(self, seed: int, *labels: str) -> None:
        self._rng = np.random.default_rng(seed_for(seed, *labels))

    def pick(self, items: Sequence[T]) -> T:
        """Return one item, all equally likely."""
        return items[int(self._rng.integers(len(items)))]

    def early(self, items: Sequence[T]) -> T:
        """Return one item, the first ones far likelier (words of a text are not even)."""
        return items[int(len(items) * self._rng.random() ** 2)]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """Return `count` different items in random order."""
        return [items[int(i)] for i in self._rng.permutation(len(items))[:count]]

    def between(self, low: int, high: int) -> int:
        """Return a whole number in [low, high]."""
        return int(self._rng.integers(low, high + 1))

    def share(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return float(self._rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return bool(self._rng.random() < probability)
