"""References: the frozen population statistics of one protocol, against which pairs are read."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from app.dna.nulls import Null
from app.dna.protocol import Protocol

F32 = npt.NDArray[np.float32]

# Fewer models say too little of what models have in common: there is no reference then.
SMALLEST_POPULATION = 30
GROWTH = 1.1


@dataclass(frozen=True, eq=False)
class Reference:
    """Version `version` of a protocol's statistics, over the first `n_models` entries.

    `mean` is the mean strand, (n_probes, width), float32; `cohort` the numbers of the entries
    that stand for all, with `families` as they were declared then ("" where nothing was); `null`
    how high unrelated ones of them stand, None where all are of one family. Version 0 stands for
    "too few models": its mean is zero, its cohort empty, its null None. With the entries'
    strands, which never change, a reference is all that an old answer rests on.
    """

    protocol_digest: str
    version: int
    n_models: int
    mean: F32
    cohort: tuple[int, ...] = ()
    families: tuple[str, ...] = ()
    null: Null | None = None

    @cached_property
    def content(self) -> str:
        """What names these statistics, whatever their version."""
        declared = repr((self.protocol_digest, self.cohort, self.families))
        return hashlib.sha256(self.mean.tobytes() + declared.encode()).hexdigest()

    @cached_property
    def places(self) -> dict[int, int]:
        """The index in the cohort of each of its numbers."""
        return {seq: place for place, seq in enumerate(self.cohort)}

    def numbered(self, version: int) -> "Reference":
        """The same statistics as another version."""
        return replace(self, version=version)


def absent(protocol: Protocol) -> Reference:
    """The reference of a protocol that has too few models for one."""
    return Reference(protocol.digest, 0, 0, np.zeros(protocol.shape, dtype=np.float32))


def is_due(current: Reference, n_models: int) -> bool:
    """Whether a population of `n_models` calls for a (new) reference."""
    if current.version and not current.cohort:  # of a release that knew no nulls
        return n_models >= SMALLEST_POPULATION
    is_shrunk = SMALLEST_POPULATION <= n_models <= current.n_models / GROWTH
    return is_shrunk or n_models >= max(SMALLEST_POPULATION, current.n_models * GROWTH)


class RunningMean:
    """The mean of strands that arrive one by one, in float64, without holding them."""

    def __init__(self, protocol: Protocol) -> None:
        self._sum = np.zeros(protocol.shape)
        self.count = 0

    def add(self, strand: npt.NDArray[np.floating]) -> None:
        """Add one strand of the protocol's shape."""
        self._sum += strand
        self.count += 1

    def mean(self) -> F32:
        """The mean over all strands so far, of which there must be at least one."""
        mean: F32 = (self._sum / self.count).astype(np.float32)
        return mean
