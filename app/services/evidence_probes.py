"""Probes with what two models gave to them, so that a person can judge for themselves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from app.dna.evidence import standardised
from app.dna.phrases import Phrase, Span, shared_phrases
from app.dna.protocol import Protocol
from app.dna.scores import Strands
from app.dna.strand import Response, texts

F64 = npt.NDArray[np.float64]

# Characters of an answer: the longest that the default protocols ask for are shorter by far.
MOST_ANSWER = 4000


@dataclass(frozen=True)
class Answer:
    """The first of a model's `draws` answers to a probe, up to its first MOST_ANSWER characters."""

    text: str
    is_truncated: bool
    draws: int


@dataclass(frozen=True)
class Word:
    """A scored word of a passage, at `span` in its text; pairs are in the order of the models.

    Log-probabilities in nats; `expected` is that of the population, None without a reference.
    `surprises` are in standard deviations of either model; `score` is their product, what the
    word adds to the score of the passage.
    """

    span: Span
    log_probabilities: tuple[float, float]
    expected: float | None
    surprises: tuple[float, float]
    score: float


@dataclass(frozen=True)
class ShownProbe:
    """A probe by its index from 0, what it says of the pair, and both models' responses.

    A prompt has answers with the phrases that they share; a passage has words.
    """

    index: int
    score: float
    text: str
    answers: tuple[Answer, Answer] | None = None
    phrases: tuple[Phrase, ...] = ()
    words: tuple[Word, ...] = ()


def show_answers(
    protocol: Protocol,
    scores: F64,
    wanted: Iterable[int],
    pair: tuple[Sequence[Response], Sequence[Response]],
    others: Sequence[Sequence[Response]] | None,
) -> list[ShownProbe]:
    """Prompts with both answers and the phrases that these share and few of `others` have.

    `pair` and `others` hold the responses of models to all probes; `others` is None where there
    is no reference.
    """
    shown = []
    for index in wanted:
        a, b = (_answer(responses[index]) for responses in pair)
        rest = None if others is None else [_whole(responses[index]) for responses in others]
        shown.append(
            ShownProbe(
                index,
                float(scores[index]),
                protocol.probe_set.probes[index],
                answers=(a, b),
                phrases=tuple(shared_phrases(a.text, b.text, rest)),
            )
        )
    return shown


def show_passages(
    protocol: Protocol, scores: F64, wanted: Iterable[int], pair: Strands, centre: Strands
) -> list[ShownProbe]:
    """Passages with what their words say; `pair` (2, p, w) are the strands, `centre` (p, w)."""
    surprises = np.stack([standardised(strand, centre) for strand in pair])
    return [
        ShownProbe(
            index,
            float(scores[index]),
            protocol.probe_set.probes[index],
            words=_words(
                scored_spans(protocol.probe_set.probes[index], protocol.width),
                pair[:, index],
                surprises[:, index],
                centre[index] if np.any(centre) else None,
            ),
        )
        for index in wanted
    ]


def scored_spans(passage: str, scored_words: int) -> list[Span]:
    """Where the last words of a passage stand; words are separated by single spaces."""
    lengths = [len(word) for word in passage.split(" ")]
    ends = accumulate(lengths, lambda end, length: end + 1 + length)
    spans = [(end - length, end) for end, length in zip(ends, lengths, strict=True)]
    return spans[-scored_words:]


def _words(
    spans: Sequence[Span], pair: Strands, surprises: F64, expected: Strands | None
) -> tuple[Word, ...]:
    """Words from (2, w) log-probabilities and surprises, and the (w,) of the population."""
    return tuple(
        Word(
            span,
            log_probabilities=(float(pair[0, at]), float(pair[1, at])),
            expected=None if expected is None else float(expected[at]),
            surprises=(float(surprises[0, at]), float(surprises[1, at])),
            score=float(surprises[:, at].prod()),
        )
        for at, span in enumerate(spans)
    )


def _answer(response: Response) -> Answer:
    draws = texts([response])
    return Answer(draws[0][:MOST_ANSWER], len(draws[0]) > MOST_ANSWER, len(draws))


def _whole(response: Response) -> str:
    """All that a model answered to a probe, draw after draw, no longer than what is shown."""
    return "\n".join(text[:MOST_ANSWER] for text in texts([response]))
