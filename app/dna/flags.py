"""Flags: what makes an entry's answers, or what two entries share, say nothing of descent.

A score takes answers for what a model does. It is misled by answers that do not depend on the
question, by answers too short to hold anything, and by answers that were taken from another
model. All flags are read from strands, so they can be raised for every candidate of a query.
The thresholds were measured on three sets of real answers and six nurseries; docs/relations.md
has the counts.
"""

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.dna.lexical import encode_answers
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol
from app.dna.reference import SMALLEST_POPULATION
from app.dna.scores import Strands, probe_cosines, rooted, unit_rows

Flag = Literal["constant_answers", "short_answers", "identical_answers", "copied_answers"]
# What these resemble is no kin: answers that depend on no question, hold nothing, or are another's.
BLIND: frozenset[Flag] = frozenset({"constant_answers", "short_answers", "copied_answers"})
F32 = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

# Mean likeness of a model's own answers to different probes. Words: ordinary chat models reach
# 0.25, nursery models of few words 0.58. Sentence embeddings are all somewhat alike.
MOST_ALIKE = {"lexical": 0.7, "sentence": 0.95}
# Deviation of log-probabilities from passage to passage, in mean surprisals. Models have 0.4.
LEAST_SPREAD = 0.05
# Three words make six n-grams, four make nine. If half the answers are shorter, they tell little.
SHORT = 8
# Longer answers of two models are equal neither by chance nor, mostly, by common weights.
LONG = 100
# Cosine of two answers' n-grams. Above: a tenth of them differs. Below: written apart.
EQUAL, APART = 0.9, 0.5
# At least so many, and such a share of the long answers, must be equal; an answer that more than
# one stranger gives too is anybody's.
LEAST_EQUAL, LEAST_EQUAL_SHARE = 5, 0.05
MOST_GIVING = 1
# The other answers look unrelated: they lie less than so many deviations above strangers'.
UNRELATED = 2.0
LEAST_APART = 10
# An answer that repeats its probe is the probe's.
ECHO = 0.8
IDENTICAL_SHARE = 0.9
# Cosine of two answers of the same n-grams: one in ten thousand makes it less.
SAME = 1 - 1e-5
# Medians do not need more, and a query has many candidates.
MOST_STRANGERS = 64
MAD = 1.4826
TINY = 1e-9


def of_entry(protocol: Protocol, strand: Strands) -> tuple[Flag, ...]:
    """The flags of one entry, from its strand (n_probes, width); none for handed-in vectors.

    `constant_answers`: what it gives hardly depends on the probe (one canned answer, nearly all
    empty, log-probabilities that are the same whatever the words). `short_answers`: most of its
    answers hold three words or fewer. What such an entry resembles says nothing of descent.
    """
    if protocol.response == "likelihood":
        return ("constant_answers",) if _unmoved(strand) else ()
    if protocol.response == "vector" or len(strand) < LEAST_EQUAL:
        return ()
    if _self_likeness(strand) > MOST_ALIKE[protocol.encoder]:
        return ("constant_answers",)
    is_short = protocol.encoder == "lexical" and np.median(_ngrams(strand)) < SHORT
    return ("short_answers",) if is_short else ()


def of_pair(protocol: Protocol, a: Strands, b: Strands, cohort: Strands) -> tuple[Flag, ...]:
    """The flags of two entries, from their strands (n_probes, width) and a cohort's (m, ...).

    `identical_answers`: nearly all answers are equal, so that nothing tells the two from the same
    weights, nor the same weights from answers that were taken over whole. `copied_answers`: a
    good share of the long answers is word for word equal, or nearly, while the others look
    unrelated. Descent has it otherwise: models that give some equal answers give many that
    begin alike. It needs word n-grams and a cohort: without a reference it is not raised.
    """
    if protocol.response != "answer":
        return ()
    alike, answered = _row_cosines(a, b), a.any(axis=1) & b.any(axis=1)
    n_equal = int((alike > EQUAL).sum())
    if n_equal < LEAST_EQUAL:
        return ()  # as nearly always
    if (alike > SAME).sum() >= IDENTICAL_SHARE * answered.sum():
        return ("identical_answers",)
    if protocol.encoder != "lexical" or len(cohort) < SMALLEST_POPULATION:
        return ()
    asked = _asked(protocol.probe_set, protocol.width)
    return ("copied_answers",) if _copied(asked, a, b, cohort) else ()


def of_pairs(protocol: Protocol, strands: Strands, cohort: Strands) -> list[tuple[Flag, ...]]:
    """The flags of the first strand's pairs with each other one, (n, n_probes, width).

    Those of either entry are among them; `cohort` as for `of_pair`.
    """
    if protocol.response == "vector":
        return [()] * (len(strands) - 1)
    own, *others = (of_entry(protocol, strand) for strand in strands)
    return [
        tuple(dict.fromkeys((*own, *other, *of_pair(protocol, strands[0], strand, cohort))))
        for other, strand in zip(others, strands[1:], strict=True)
    ]


def _unmoved(strand: Strands) -> bool:
    numbers = strand.astype(np.float64)
    spread = numbers.std(axis=0).mean()
    return len(numbers) > 1 and bool(spread <= LEAST_SPREAD * np.abs(numbers).mean())


def _self_likeness(strand: Strands) -> float:
    """Mean cosine of two of a model's answers; of two empty ones 1, of an empty and another 0."""
    rows = unit_rows(strand.astype(np.float64))
    total, n_empty = rows.sum(axis=0), int((~rows.any(axis=1)).sum())
    pairs = total @ total - (len(rows) - n_empty) + n_empty * (n_empty - 1)
    return float(pairs / (len(rows) * (len(rows) - 1)))


def _ngrams(strand: Strands) -> F32:
    """About how many n-grams each answer holds, (n_probes,); 0 for an empty one.

    A row holds signed counts over the root of the sum of their squares. The squares sum up to
    the number of n-grams (expected value), and the least count is nearly always 1.
    """
    sizes = np.abs(strand.astype(np.float32))
    least = np.where(sizes > 0, sizes, np.inf).min(axis=1)
    counts: F32 = least**-2
    return counts


def _copied(asked: Strands, a: Strands, b: Strands, cohort: Strands) -> bool:
    alike = _row_cosines(a, b)
    long = np.minimum(_ngrams(a), _ngrams(b)) >= LONG
    long &= np.maximum(_row_cosines(asked, a), _row_cosines(asked, b)) < ECHO
    equal, apart = long & (alike > EQUAL), (alike < APART) & a.any(axis=1) & b.any(axis=1)
    least = max(LEAST_EQUAL, LEAST_EQUAL_SHARE * long.sum())
    if equal.sum() < least or apart.sum() < LEAST_APART:
        return False
    others = cohort[~_same(a, cohort) & ~_same(b, cohort)]
    # What is subtracted must know neither the pair nor whom it is compared with.
    step = max(2, -(-len(others) // MOST_STRANGERS))
    strangers = others[::step]
    centre = np.delete(others, np.s_[::step], axis=0).mean(axis=0, dtype=np.float64)
    common = _common(a[equal], strangers[:, equal]) | _common(b[equal], strangers[:, equal])
    if (~common).sum() < least:
        return False
    a, b, strangers, centre = a[apart], b[apart], strangers[:, apart], centre[apart]
    score = float(rooted(_row_cosines(a - centre, b - centre)).mean())
    above = [_above(score, one, strangers, centre) for one in (a, b)]
    return sum(above) / 2 < UNRELATED


def _same(strand: Strands, cohort: Strands) -> Mask:
    """Which models of a cohort, (m,), are this one."""
    same: Mask = (cohort == strand).all(axis=(1, 2))
    return same


def _common(strand: Strands, cohort: Strands) -> Mask:
    """Which answers are anybody's, (p,)."""
    common: Mask = (_cosines(strand, cohort) > EQUAL).sum(axis=0) > MOST_GIVING
    return common


def _above(score: float, strand: Strands, cohort: Strands, centre: Strands) -> float:
    """How many deviations a pair's score lies above what a model has with the cohort.

    By the answers, as of the pair, that are there and were written apart.
    """
    taken = (_cosines(strand, cohort) < APART) & cohort.any(axis=2) & strand.any(axis=1)
    likeness = np.where(taken, rooted(_cosines(strand, cohort, centre)), 0.0)
    scores = likeness.sum(axis=1) / np.maximum(taken.sum(axis=1), 1)
    middle = float(np.median(scores))
    return (score - middle) / max(MAD * float(np.median(np.abs(scores - middle))), TINY)


def _cosines(strand: Strands, cohort: Strands, centre: Strands | None = None) -> F32:
    """Cosines of each answer with those of a cohort: (p, w), (m, p, w) to (m, p), float32.

    Less a centre, (p, w), if one is given.
    """
    cosines = np.empty(cohort.shape[:2], dtype=np.float32)
    centre = np.zeros(strand.shape) if centre is None else centre
    for probe, row in enumerate(strand):
        cosines[:, probe] = probe_cosines(row[None], cohort[:, probe], centre[probe])[0]
    return cosines


def _row_cosines(a: Strands, b: Strands) -> F32:
    """Cosines of the rows of two strands, (p, w) each: (p,), float32."""
    one, other = a.astype(np.float32), b.astype(np.float32)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    products = np.einsum("pw,pw->p", one, other)
    cosines: F32 = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return cosines


@lru_cache(maxsize=8)
def _asked(probe_set: ProbeSet, width: int) -> F32:
    """The probes themselves, encoded as if they were answers."""
    return encode_answers(probe_set.probes, width).astype(np.float32)
