"""Fingerprinting against what the machine could do at best: its products, its memory, its files.

The best rates are measured on all cores in the same run, after every turn; the best of them
counts. Every turn is a process of its own, as every job is; what it imports is no part of it.
"""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from app.dna.protocol import SCORED_WORDS
from benchmarks import turns
from benchmarks.figures import Figure, say
from benchmarks.floors import Limits
from benchmarks.groups import Options
from benchmarks.llama_files import WEIGHTS, Dtype, made
from benchmarks.llamas import M500, NURSERY, Llama
from benchmarks.sides import Side, median_s, running, wall_s
from benchmarks.turns import ENGINE, MACHINE, MB, Turn

OVER_FLOOR, STREAMED_OVER_FLOOR, OVER_WEIGHTS = 1.5, 2.0, 1.3  # what is wanted at most


@dataclass(frozen=True)
class Effort:
    """The Llama, turns of each way, and how much is asked; prompts are for memory alone."""

    llama: Llama
    turns: int
    passages: int
    prompts: int
    new_tokens: int


EFFORTS = {
    "tiny": Effort(NURSERY, 1, 8, 4, 4),
    "small": Effort(M500, 3, 100, 32, 16),
    "large": Effort(M500, 5, 100, 128, 128),
}


def figures(options: Options) -> Iterator[Figure]:
    """Scoring against its floor, with all weights in memory and without; and that memory."""
    effort = EFFORTS[options.size]
    with running(MACHINE) as machine:
        yield from over_floor(_measured(effort, machine))
    for stored in get_args(Dtype):
        yield memory(_answered(effort, stored), stored)


@dataclass(frozen=True)
class Measured:
    """Turns of likelihood-v1 from directory to DNA, and the machine's best."""

    whole: Sequence[Turn]
    streamed: Sequence[Turn]
    best: Limits
    read_s: float
    read_after_forgetting_s: float


def _measured(effort: Effort, machine: Side) -> Measured:
    llama = effort.llama
    done: dict[bool, list[Turn]] = {False: [], True: []}
    limits, reads = [], []
    for number in range(effort.turns):
        say(f"likelihood-v1, {llama.name}: turn {number + 1} of {effort.turns}")
        for streamed, of_kind in done.items():
            with running(ENGINE) as engine:
                of_kind.append(turns.scored(engine, llama, effort.passages, streamed=streamed))
            limits.append(turns.limits(machine, of_kind[-1]))
        reads.append(machine.ask("reading", path=str(made(llama) / WEIGHTS)))
    return Measured(
        done[False],
        done[True],
        turns.best(limits),
        read_s=min(read["warm_s"] for read in reads),
        read_after_forgetting_s=max(read["cold_s"] for read in reads),
    )


def over_floor(measured: Measured) -> Iterator[Figure]:
    """Medians over the floor: the larger of the least arithmetic and of reading the weights."""
    whole, streamed = measured.whole, measured.streamed
    flops = whole[0].asked.scoring_flops(SCORED_WORDS)
    facts = {
        "passages": len(whole[0].asked.tokens),
        "arithmetic_s": flops / measured.best.flops_per_s,
        "read_s": measured.read_s,
        "read_after_forgetting_s": measured.read_after_forgetting_s,
        **turns.rates(measured.best),
    }
    floor_s = max(facts["arithmetic_s"], facts["read_s"])
    yield _times_floor("extract.likelihood_over_floor", OVER_FLOOR, whole, floor_s, facts)
    yield _times_floor("extract.streamed_over_floor", STREAMED_OVER_FLOOR, streamed, floor_s, facts)
    peak_mb, whole_mb = (max(turn.reply["peak_mb"] for turn in of) for of in (streamed, whole))
    memory_facts = {"whole_peak_mb": whole_mb, **streamed[0].facts}
    yield Figure("extract.streamed_peak_mb", peak_mb, "MB", facts | memory_facts)


def _times_floor(
    bench: str, most: float, of: Sequence[Turn], floor_s: float, facts: dict[str, Any]
) -> Figure:
    each = [wall_s(turn.reply) / floor_s for turn in of]
    seconds = median_s([turn.reply for turn in of])
    more = {"each": each, "median_s": seconds, "wanted_at_most": most}
    return Figure(bench, statistics.median(each), "times", {**facts, **more, **of[0].facts})


def _answered(effort: Effort, stored: Dtype) -> Turn:
    say(f"memory for answers, {effort.llama.name} stored in {stored}")
    with running(ENGINE) as engine:
        return turns.answered(engine, effort.llama, effort.prompts, effort.new_tokens, stored)


def memory(turn: Turn, stored: Dtype) -> Figure:
    """What a job's process held at most while it answered, over its weights and its cache."""
    peak_mb = turn.reply["peak_mb"]
    facts = {
        "stored": stored,
        "prompts": len(turn.asked.tokens),
        "new_tokens": turn.new_tokens,
        "peak_mb": peak_mb,
        "before_mb": turn.reply["before_mb"],
        "cache_mb": turn.asked.cache_bytes(turn.new_tokens) / MB,
        "wanted_at_most": OVER_WEIGHTS,
        **turn.facts,
    }
    least_mb = facts["weights_mb"] + facts["cache_mb"]
    return Figure("extract.memory_over_weights", peak_mb / least_mb, "times", facts)
