"""Use case: what is said of a pair: its numbers, the word for it, and what speaks against both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np
import numpy.typing as npt

from app.dna import flags
from app.dna.flags import BLIND, Flag
from app.dna.population import Population
from app.dna.protocol import Protocol
from app.dna.reference import Reference
from app.dna.relations import Verdict, false_discovery, verdict
from app.dna.scores import Strands
from app.records import EntryRecord
from app.services.populations import current, members
from app.store import entries
from app.store.database import Session

# A score; a standing, a p-value and a q-value where there is a reference.
Row = tuple[float, float | None, float | None, float | None]


@dataclass(frozen=True)
class Judged:
    """A pair under one protocol; the three in the middle are None where there is no reference.

    `q_value` is the p-value after all tests that were made at once. A pair with a flag of BLIND
    is `inconclusive` whatever its numbers.
    """

    score: float
    standing: float | None
    p_value: float | None
    q_value: float | None
    verdict: Verdict
    flags: tuple[Flag, ...]
    identical: bool


@dataclass(frozen=True)
class Judgement:
    """One entry's judged pairs with others, in their order, and what they were read with."""

    protocol: Protocol
    reference_version: int
    population: Population
    pairs: tuple[Judged, ...]


def judge(
    session: Session,
    protocol: Protocol,
    own: EntryRecord,
    others: Sequence[EntryRecord],
    n_tests: int,
) -> Judgement:
    """Judge an entry's pairs with others of its protocol, the nearest of `n_tests` models."""
    everyone = [own, *others]
    strands = entries.strands(session, protocol, everyone)
    return judge_strands(current(session, protocol), everyone, strands, n_tests)


def judge_strands(
    read_with: tuple[Reference, Population],
    everyone: Sequence[EntryRecord],
    strands: Strands,
    n_tests: int,
) -> Judgement:
    """Judge the first entry's pairs with each other one, from their strands (n, n_probes, width).

    As one version of the reference reads them.
    """
    reference, population = read_with
    protocol = population.protocol
    strands = strands.astype(np.float32, copy=False)  # once for all that follows
    pairs: list[Judged] = []
    if len(everyone) > 1:
        seen = population.seen(strands, members(reference, everyone))
        compared = population.compare(seen.part(slice(1)), seen.part(slice(1, None)))
        p_values = compared.p_value[0]
        rest = (compared.standing[0], p_values, false_discovery(p_values, n_tests))
        rows = zip(compared.score[0].tolist(), *map(_known, rest), strict=True)
        raised = _flags(population, strands)
        identical = (strands[1:] == strands[0]).all(axis=(1, 2)).tolist()
        pairs = [
            _judged(protocol, row, some, same)
            for row, some, same in zip(rows, raised, identical, strict=True)
        ]
    return Judgement(protocol, reference.version, population, tuple(pairs))


def _flags(population: Population, strands: Strands) -> list[tuple[Flag, ...]]:
    """The flags of the first strand's pairs with each other one, those of either among them."""
    protocol, others = population.protocol, strands[1:]
    own, *each = flags.of_entries(protocol, strands)
    shared = flags.of_pairs(protocol, strands[0], others, population.strangers)
    return [
        tuple(dict.fromkeys((*own, *some, *both))) for some, both in zip(each, shared, strict=True)
    ]


def _known(numbers: npt.NDArray[np.float64]) -> list[float | None]:
    return [None if isnan(number) else number for number in numbers.tolist()]


def _judged(protocol: Protocol, row: Row, raised: tuple[Flag, ...], identical: bool) -> Judged:
    word = verdict(protocol, *row)
    if raised and BLIND.intersection(raised):
        word = "inconclusive"
    return Judged(*row, word, raised, identical)
