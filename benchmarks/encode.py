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


def figures(options: Options) -> Iterator[Figure]:
    """Answers a second: once the words of a language are known, and for words never seen before."""
    prose = Prose(options.seed, VOCABULARY)
    rates(_models(prose, MODELS))  # learns the words
    yield _figure("encode.answers_per_s", rates(_models(prose, MODELS)))
    strangers = [Prose(options.seed + 1 + number, VOCABULARY) for number in range(MODELS)]
    cold = [texts for stranger in strangers for texts in _models(stranger, 1)]
    yield _figure("encode.cold_answers_per_s", rates(cold))


def rates(models: Sequence[Sequence[str]]) -> list[float]:
    """Answers per CPU second of this process, for each model."""
    measured = []
    for answers in models:
        began = time.process_time()
        encode_answers(answers, LEXICAL_WIDTH)
        measured.append(len(answers) / (time.process_time() - began))
    return measured


def _models(prose: Prose, count: int) -> list[list[str]]:
    return [[prose.text(CHARACTERS) for _ in range(MODEL)] for _ in range(count)]


def _figure(bench: str, measured: Sequence[float]) -> Figure:
    facts = {
        "n": MODELS * MODEL,
        "characters": CHARACTERS,
        "vocabulary": VOCABULARY,
        "lowest": min(measured),
        "highest": max(measured),
        "wanted_at_least": 3000,
        "clock": "CPU seconds",
        "numpy": np.__version__,
    }
    return Figure(bench, statistics.median(measured), "answers/s", facts)
