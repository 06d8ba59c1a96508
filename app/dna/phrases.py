"""Phrases that two answers share and few others have: what a person looks at first.

Greedy string tiling in the manner of Wise (Running Karp-Rabin Matching and Greedy String Tiling,
1993), but from left to right and with bounded tries, since answers are hostile text.
Words are the tokens of the lexical encoder, whatever their case.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.dna.lexical import TOKEN

# Word triples part relatives from strangers better than pairs do, and occur more than fours.
NGRAM = 3
# A phrase is rare when at most this share of the other models' answers hold it.
RARE = 0.1
# With nobody to compare with, a phrase must be longer to mean anything.
SHORTEST, SHORTEST_ALONE = 3, 4
# Of a triple that an answer repeats, so many places are tried: a text of one word repeated would
# otherwise take quadratic time.
MOST_TRIES = 8

Span = tuple[int, int]
Gram = tuple[str, ...]


@dataclass(frozen=True)
class Phrase:
    """One phrase that two texts share: its first and end character offsets in either."""

    a: Span
    b: Span


def shared_phrases(a: str, b: str, others: Sequence[str] | None) -> list[Phrase]:
    """The phrases that both texts share and that are rare among `others`, in the order of `a`.

    A phrase begins and ends with a word, holds at least `SHORTEST` of them, and runs from the
    first to the last of its word triples that at most a tenth of `others` hold. Without `others`
    (None: there is no reference) it is any shared run of `SHORTEST_ALONE` words. No two overlap.
    """
    left, right = _Words(a), _Words(b)
    runs = _runs(left.words, right.words)
    if others is None:
        found, shortest = runs, SHORTEST_ALONE
    else:
        common = _common({gram for run in runs for gram in left.grams(run)}, others)
        found = [rare for run in runs if (rare := run.narrowed(left.grams(run), common))]
        shortest = SHORTEST
    trimmed = (run.trimmed(left.words) for run in found)
    return [
        Phrase(left.span(run.a, run.length), right.span(run.b, run.length))
        for run in trimmed
        if sum(map(_is_word, left.words[run.a : run.a + run.length])) >= shortest
    ]


class _Words:
    """The words of a text in lower case, with their places in it."""

    def __init__(self, text: str) -> None:
        found = list(TOKEN.finditer(text))
        self.words = [match.group().lower() for match in found]
        self._places = [match.span() for match in found]

    def span(self, first: int, length: int) -> Span:
        """The characters from a word on, `length` words long."""
        return self._places[first][0], self._places[first + length - 1][1]

    def grams(self, run: "_Run") -> list[Gram]:
        """The word triples of a run that begins in this text at `run.a`, by place."""
        return _grams(self.words[run.a : run.a + run.length])


@dataclass(frozen=True)
class _Run:
    """`length` equal words, from word `a` of one text and word `b` of the other."""

    a: int
    b: int
    length: int

    def narrowed(self, grams: Sequence[Gram], common: set[Gram]) -> "_Run | None":
        """From the first to the last of its triples that is not common, if there is one."""
        rare = [place for place, gram in enumerate(grams) if gram not in common]
        return self._part(rare[0], rare[-1] + NGRAM) if rare else None

    def trimmed(self, words: Sequence[str]) -> "_Run":
        """Without the punctuation at its ends; `words` are those of the first text."""
        kept = [i for i in range(self.length) if _is_word(words[self.a + i])]
        return self._part(kept[0], kept[-1] + 1) if kept else self._part(0, 0)

    def _part(self, first: int, end: int) -> "_Run":
        return _Run(self.a + first, self.b + first, end - first)


def _runs(left: Sequence[str], right: Sequence[str]) -> list[_Run]:
    """Equal runs of at least `NGRAM` words, from left to right, each word in at most one."""
    places: dict[Gram, list[int]] = {}
    for place, gram in enumerate(_grams(right)):
        places.setdefault(gram, []).append(place)
    free = bytearray(b"\1" * len(right))
    found: list[_Run] = []
    at = 0
    while at <= len(left) - NGRAM:
        starts = [b for b in places.get(tuple(left[at : at + NGRAM]), ()) if free[b]]
        lengths = {b: _common_length(left, at, right, b, free) for b in starts[:MOST_TRIES]}
        best = max(lengths, key=lambda b: lengths[b], default=-1)
        if best < 0 or lengths[best] < NGRAM:
            at += 1
            continue
        found.append(_Run(at, best, lengths[best]))
        free[best : best + lengths[best]] = bytes(lengths[best])
        at += lengths[best]
    return found


def _common_length(
    left: Sequence[str], a: int, right: Sequence[str], b: int, free: bytearray
) -> int:
    """How many free words from `b` on equal those from `a` on."""
    length = 0
    most = min(len(left) - a, len(right) - b)
    while length < most and left[a + length] == right[b + length] and free[b + length]:
        length += 1
    return length


def _common(grams: set[Gram], others: Sequence[str]) -> set[Gram]:
    """Those of the triples that more than `RARE` of the texts hold."""
    counts: Counter[Gram] = Counter()
    for text in others if grams else ():
        counts.update(grams.intersection(_grams([w.lower() for w in TOKEN.findall(text)])))
    return {gram for gram, count in counts.items() if count > RARE * len(others)}


def _grams(words: Sequence[str]) -> list[Gram]:
    return list(zip(*(words[first:] for first in range(NGRAM)), strict=False))


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"
