"""Use case: what is said of a pair: its numbers, the word for it, and what speaks against both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.dna import flags
from app.dna.flags import BLIND, Flag
from app.dna.population import Population
from app.dna.protocol import Protocol
from app.dna.relations import Verdict, false_discovery, verdict
from app.dna.scores import Strands
from app.records import EntryRecord
from app.services.populations import current, members
from app.store import entries
from app.store.database import Session


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
    reference, population = current(session, protocol)
    everyone = [own, *others]
    strands = entries.strands(session, protocol, everyone)
    places = members(reference, everyone)
    one = population.seen(strands[:1], places[:1])
    pairs: list[Judged] = []
    if others:
        compared = population.compare(one, population.seen(strands[1:], places[1:]))
        numbers = np.stack([compared.score[0], compared.standing[0], compared.p_value[0]])
        adjusted = false_discovery(numbers[2], n_tests)
        raised = _flags(protocol, strands, population.cohort)
        for index, row in enumerate(zip(*numbers.tolist(), adjusted.tolist(), strict=True)):
            identical = bool((strands[0] == strands[index + 1]).all())
            pairs.append(_judged(protocol, row, raised[index], identical))
    return Judgement(protocol, reference.version, population, tuple(pairs))


def _judged(
    protocol: Protocol, row: tuple[float, ...], raised: tuple[Flag, ...], identical: bool
) -> Judged:
    score, *rest = row
    standing, p_value, q_value = (None if np.isnan(value) else value for value in rest)
    word = verdict(protocol, score, standing, p_value, q_value)
    if BLIND.intersection(raised):
        word = "inconclusive"
    return Judged(score, standing, p_value, q_value, word, raised, identical)


def _flags(protocol: Protocol, strands: Strands, cohort: Strands) -> list[tuple[Flag, ...]]:
    """The flags of the first strand's pairs with each other one, their own included."""
    own, *others = (flags.of_entry(protocol, strand) for strand in strands)
    return [
        tuple(dict.fromkeys((*own, *other, *flags.of_pair(protocol, strands[0], strand, cohort))))
        for other, strand in zip(others, strands[1:], strict=True)
    ]
