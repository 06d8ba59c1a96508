"""Tokens a second of each phase of fingerprinting, and their share of the machine's limit."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from app.dna.protocol import SCORED_WORDS
from benchmarks import turns
from benchmarks.figures import Figure, say
from benchmarks.groups import Options
from benchmarks.llamas import M100, NURSERY, Llama
from benchmarks.sides import running
from benchmarks.turns import ENGINE, MACHINE


@dataclass(frozen=True)
class Effort:
    """The Llama, and how much is asked of it."""

    llama: Llama
    passages: int
    prompts: int
    new_tokens: int


EFFORTS = {
    "tiny": Effort(NURSERY, 8, 8, 4),
    "small": Effort(M100, 100, 128, 64),
    "large": Effort(M100, 100, 128, 128),
}


@dataclass(frozen=True)
class Done:
    """The tokens of a phase, what they took, and what they would take at the machine's limit."""

    tokens: int
    s: float
    limit_s: float


def figures(options: Options) -> Iterator[Figure]:
    """Scoring, prefill and decoding; the last two are told apart by answers of a single token."""
    effort = EFFORTS[options.size]
    llama, prompts = effort.llama, effort.prompts
    say(f"tokens a second, {llama.name}")
    with running(ENGINE) as engine, running(MACHINE) as machine:
        scoring = turns.scored(engine, llama, effort.passages)
        limits = [turns.limits(machine, scoring)]
        first = turns.answered(engine, llama, prompts, 1)
        whole = turns.answered(engine, llama, prompts, effort.new_tokens)
        limits.append(turns.limits(machine, whole))
    best = turns.best(limits)
    done = {
        "scoring": Done(
            sum(scoring.asked.tokens),
            scoring.answered_s,
            scoring.asked.scoring_s(best, SCORED_WORDS),
        ),
        "prefill": Done(sum(first.asked.tokens), first.answered_s, first.asked.prefill_s(best)),
        "decoding": Done(
            prompts * (effort.new_tokens - 1),
            whole.answered_s - first.answered_s,
            whole.asked.decoding_s(best, effort.new_tokens),
        ),
    }
    for phase, work in done.items():
        facts = {
            "phase": phase,
            "share_of_limit": work.limit_s / work.s,
            **asdict(work),
            **whole.facts,
            **turns.rates(best),
        }
        yield Figure("extract.tokens_per_s", work.tokens / work.s, "tokens/s", facts)
