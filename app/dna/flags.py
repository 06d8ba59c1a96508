"""Flags: what makes an entry's answers, or what two entries share, say nothing of descent.

A score takes answers for what a model does. It is misled by answers that do not depend on the
question, by answers too short to hold anything, and by answers that were taken from another
model. All flags are read from strands, so they can be raised for every candidate of a query.
The thresholds were measured on three sets of real answers and six nurseries; docs/relations.md
has the counts.
"""

from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.dna.lexical import encode_answers
from app.dna.probes import ProbeSet
from app.dna.protocol import Protocol
from app.dna.reference import SMALLEST_POPULATION
from app.dna.scores import Strands, rooted

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
# Strands that are read in one go, so that a whole registry of them needs no more memory.
AT_ONCE = 64


class Strangers:
    """Models of a cohort that stand for strangers of a pair, and the centre of the others.

    What is subtracted must know neither the pair nor whom it is compared with: so every `step`-th
    of the cohort is a stranger, and the mean of the rest is the centre.
    """

    def __init__(self, cohort: Strands) -> None:
        """Of a cohort (m, n_probes, width); nothing is computed before it is needed."""
        self._cohort = cohort
        step = max(2, -(-len(cohort) // MOST_STRANGERS))
        self._is_stranger = np.arange(len(cohort)) % step == 0

    def __len__(self) -> int:
        """Models in the cohort."""
        return len(self._cohort)

    def of(self, a: F32, b: F32) -> tuple[F32, F32]:
        """The strangers, (k, n_probes, width), and the centre, (n_probes, width), of a pair."""
        pair = np.zeros(len(self), dtype=bool)
        for strand in (a, b):
            # Few begin alike, and all of a cohort is much to read.
            for place in np.flatnonzero((self._cohort[:, 0] == strand[0]).all(axis=1)):
                pair[place] |= bool((self._cohort[place] == strand).all())
        others = ~self._is_stranger
        centre = self._sum - self._cohort[pair & others].sum(axis=0, dtype=np.float64)
        n_others = max(1, int((others & ~pair).sum()))
        strangers = self._strangers[~pair[self._is_stranger]]
        return strangers, (centre / n_others).astype(np.float32)

    @cached_property
    def _strangers(self) -> F32:
        chosen: F32 = self._cohort[self._is_stranger].astype(np.float32)
        return chosen

    @cached_property
    def _sum(self) -> npt.NDArray[np.float64]:
        total: npt.NDArray[np.float64] = np.zeros(self._cohort.shape[1:])
        for strand in self._cohort[~self._is_stranger]:
            total += strand
        return total


def of_entries(protocol: Protocol, strands: Strands) -> list[tuple[Flag, ...]]:
    """The flags of each entry, from strands (n, n_probes, width); none for handed-in vectors.

    `constant_answers`: what it gives hardly depends on the probe (one canned answer, nearly all
    empty, log-probabilities that are the same whatever the words). `short_answers`: most of its
    answers hold three words or fewer. What such an entry resembles says nothing of descent.
    """
    if protocol.response == "likelihood":
        return [("constant_answers",) if same else () for same in _unmoved(strands)]
    if protocol.response == "vector" or strands.shape[1] < LEAST_EQUAL:
        return [()] * len(strands)
    raised: list[tuple[Flag, ...]] = []
    for start in range(0, len(strands), AT_ONCE):
        rows = strands[start : start + AT_ONCE].astype(np.float32, copy=False)
        constant = _self_likeness(rows) > MOST_ALIKE[protocol.encoder]
        short = np.zeros(len(rows), dtype=bool)
        if protocol.encoder == "lexical":
            short = np.median(_ngrams(rows), axis=1) < SHORT
        raised += [
            ("constant_answers",) if same else ("short_answers",) if few else ()
            for same, few in zip(constant, short, strict=True)
        ]
    return raised


def of_pairs(
    protocol: Protocol, strand: Strands, others: Strands, strangers: Strangers
) -> list[tuple[Flag, ...]]:
    """The flags of one entry's pairs with others, (n_probes, width) and (n, n_probes, width).

    `identical_answers`: nearly all answers are equal, so that nothing tells the two from the same
    weights, nor the same weights from answers that were taken over whole. `copied_answers`: a
    good share of the long answers is word for word equal, or nearly, while the others look
    unrelated. Descent has it otherwise: models that give some equal answers give many that
    begin alike. It needs word n-grams and a cohort: without a reference it is not raised.
    """
    if protocol.response != "answer" or not len(others):
        return [()] * len(others)
    own, rows = strand.astype(np.float32, copy=False), others.astype(np.float32, copy=False)
    alike = _cosines(own, rows)
    answered = (own.any(axis=1) & rows.any(axis=2)).sum(axis=1)
    identical = (alike > SAME).sum(axis=1) >= IDENTICAL_SHARE * answered
    can_tell = protocol.encoder == "lexical" and len(strangers) >= SMALLEST_POPULATION
    raised: list[tuple[Flag, ...]] = [()] * len(rows)
    # Nearly always there is none.
    for place in np.flatnonzero((alike > EQUAL).sum(axis=1) >= LEAST_EQUAL).tolist():
        if identical[place]:
            raised[place] = ("identical_answers",)
        elif can_tell:
            asked = _asked(protocol.probe_set, protocol.width)
            if _copied(asked, own, rows[place], strangers):
                raised[place] = ("copied_answers",)
    return raised


def _unmoved(strands: Strands) -> Mask:
    numbers = strands.astype(np.float64)
    spread = numbers.std(axis=1).mean(axis=1)
    still: Mask = spread <= LEAST_SPREAD * np.abs(numbers).mean(axis=(1, 2))
    return still if numbers.shape[1] > 1 else np.zeros_like(still)


def _self_likeness(rows: F32) -> npt.NDArray[np.float64]:
    """Mean cosine of two answers of each model, (n,): two empty ones have 1, one and another 0."""
    lengths = np.sqrt(np.vecdot(rows, rows))
    shares = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    total = (shares[:, None] @ rows)[:, 0].astype(np.float64)
    n_probes, n_empty = rows.shape[1], (lengths == 0).sum(axis=1)
    pairs = np.vecdot(total, total) - (n_probes - n_empty) + n_empty * (n_empty - 1)
    likeness: npt.NDArray[np.float64] = pairs / (n_probes * (n_probes - 1))
    return likeness


def _ngrams(rows: F32) -> F32:
    """About how many n-grams each answer holds, (..., width) to (...,); 0 for an empty one.

    A row holds signed counts over the root of the sum of their squares. The squares sum up to
    the number of n-grams (expected value), and the least count is nearly always 1.
    """
    # Positive floats are in the order of their bits, and 0 less one wraps to the largest of all.
    bits = (rows.view(np.uint32) & 0x7FFFFFFF) - np.uint32(1)
    least = (bits.min(axis=-1) + np.uint32(1)).view(np.float32)
    counts: F32 = np.divide(1, least * least, out=np.zeros_like(least), where=least > 0)
    return counts


def _copied(asked: F32, a: F32, b: F32, strangers: Strangers) -> bool:
    alike = _cosines(a, b)
    long = np.minimum(_ngrams(a), _ngrams(b)) >= LONG
    long &= np.maximum(_cosines(asked, a), _cosines(asked, b)) < ECHO
    equal, apart = long & (alike > EQUAL), (alike < APART) & a.any(axis=1) & b.any(axis=1)
    least = max(LEAST_EQUAL, LEAST_EQUAL_SHARE * long.sum())
    if equal.sum() < least or apart.sum() < LEAST_APART:
        return False
    rows, centre = strangers.of(a, b)
    common = _common(a[equal], rows[:, equal]) | _common(b[equal], rows[:, equal])
    if (~common).sum() < least:
        return False
    a, b, rows, centre = a[apart], b[apart], rows[:, apart], centre[apart]
    score = float(rooted(_cosines(a - centre, b - centre)).mean())
    centred = rows - centre
    above = []
    for one in (a, b):
        taken = (_cosines(one, rows) < APART) & rows.any(axis=2) & one.any(axis=1)
        above.append(_above(score, _cosines(one - centre, centred), taken))
    return sum(above) / 2 < UNRELATED


def _common(strand: F32, strangers: F32) -> Mask:
    """Which answers are anybody's, (p,)."""
    common: Mask = (_cosines(strand, strangers) > EQUAL).sum(axis=0) > MOST_GIVING
    return common


def _above(score: float, cosines: F32, taken: Mask) -> float:
    """How many deviations a pair's score lies above what a model has with strangers, (m, p).

    By the answers, as of the pair, that are there and were written apart.
    """
    likeness = np.where(taken, rooted(cosines), 0.0)
    scores = likeness.sum(axis=1) / np.maximum(taken.sum(axis=1), 1)
    middle = float(np.median(scores))
    return (score - middle) / max(MAD * float(np.median(np.abs(scores - middle))), TINY)


def _cosines(a: F32, b: F32) -> F32:
    """Cosines of rows, (..., w) each: (...,), float32; 0 where one is empty."""
    lengths = np.sqrt(np.vecdot(a, a)) * np.sqrt(np.vecdot(b, b))
    products = np.vecdot(a, b)
    cosines: F32 = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return cosines


@lru_cache(maxsize=8)
def _asked(probe_set: ProbeSet, width: int) -> F32:
    """The probes themselves, encoded as if they were answers."""
    return encode_answers(probe_set.probes, width).astype(np.float32)
