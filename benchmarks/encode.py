"""How fast answers become strands, in CPU seconds of one core, so that others may use the rest."""

import statistics
import time
from collections.abc import Iterator, Sequence

import numpy as np

from app.dna.lexical import encode_answers
from app.dna.protocol import LEXICAL_WIDTH
from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.prose import Prose

CHARACTERS = 500
MODEL = 128  # answers of one model, which are encoded together
MODELS = 20
VOCABULARY = 5000
PASSES = 5


def figures(options: Options) -> Iterator[Figure]:
    """Answers a second: once the words of a language are known, and for words never seen before.

    The first is the fastest of some passes for each model, since other work on the machine can
    only slow a pass down; the second time words are no longer new, so there it is one pass.
    """
    prose = Prose(options.seed, VOCABULARY)
    models = [_answers(prose) for _ in range(MODELS)]
    rate([answer for answers in models for answer in answers])  # learns the words
    known = [max(rate(answers) for _ in range(PASSES)) for answers in models]
    yield _figure("encode.answers_per_s", known, PASSES)
    strangers = (Prose(options.seed + 1 + number, VOCABULARY) for number in range(MODELS))
    yield _figure("encode.cold_answers_per_s", [rate(_answers(one)) for one in strangers], 1)


def rate(answers: Sequence[str]) -> float:
    """Answers per CPU second of this process, all its threads together."""
    began = time.process_time()
    encode_answers(answers, LEXICAL_WIDTH)
    return len(answers) / (time.process_time() - began)


def _answers(prose: Prose) -> list[str]:
    return [prose.text(CHARACTERS) for _ in range(MODEL)]


def _figure(bench: str, rates: Sequence[float], passes: int) -> Figure:
    facts = {
        "n": MODELS * MODEL,
        "characters": CHARACTERS,
        "vocabulary": VOCABULARY,
        "passes": passes,
        "lowest": min(rates),
        "highest": max(rates),
        "wanted_at_least": 3000,
        "clock": "CPU seconds",
        "numpy": np.__version__,
    }
    return Figure(bench, statistics.median(rates), "answers/s", facts)
