"""Fingerprinting against the reference implementation, llm-dna, side by side on the same Llamas.

Both sides have all cores, the same prompts and the same limit of new tokens, and decode greedily
in float32; what llm-dna would choose on a CPU, float16, is one of the facts. It takes one prompt
at a time, so that it is asked a sample of them in each pair and its seconds a prompt are
multiplied; ours depends on batches, and is asked all. Ours pays for checking the files, theirs
neither for finding its probes nor for writing its results.
"""

import statistics
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.groups import Options
from benchmarks.llamas import M100, NURSERY
from benchmarks.peer_runs import Compared, Effort, Pair, measured, sample
from benchmarks.peers import LLM_DNA, encoder_folder, fetched
from benchmarks.sides import Reply, cpu_s, running, wall_s
from benchmarks.turns import ENGINE

PAPER_PROBES, PAPER_TOKENS = 600, 1024
WANTED = {
    "extract.generate_ratio": 8,
    "extract.end_to_end_ratio": 4,
    "extract.lexical_vs_paper_ratio": 50,
    "extract.likelihood_vs_paper_ratio": 1000,
}

EFFORTS = {
    "tiny": Effort((NURSERY,), 1, 8, 2, 8, 1, 16),
    "small": Effort((NURSERY, M100), 5, 128, 4, 128, 1, PAPER_TOKENS),
    "large": Effort((NURSERY, M100), 5, 128, 16, 128, 8, PAPER_TOKENS),
}


def figures(options: Options) -> Iterator[Figure]:
    """Ratios of their seconds to ours for each Llama: medians over the pairs."""
    effort = EFFORTS[options.size]
    library = fetched()
    for llama in effort.llamas:
        # Processes of their own: ours sets its threads by the size of the model that it meets.
        with running(ENGINE) as ours, running("benchmarks.side_llm_dna", library) as theirs:
            yield from ratios(measured(llama, effort, ours, theirs, encoder_folder()))


def ratios(compared: Compared) -> Iterator[Figure]:
    """The figures of one Llama, from what was measured."""
    asked = compared.effort.prompts
    paper_s = paper_seconds(compared)
    ratio: dict[str, Callable[[Pair], float]] = {
        "extract.generate_ratio": lambda pair: (
            seconds_for(pair.theirs, asked) / wall_s(pair.answering, "respond")
        ),
        "extract.end_to_end_ratio": lambda pair: (
            (wall_s(pair.theirs) - wall_s(pair.theirs, "respond") + seconds_for(pair.theirs, asked))
            / wall_s(pair.answering)
        ),
        "extract.lexical_vs_paper_ratio": lambda pair: paper_s / wall_s(pair.answering),
        "extract.likelihood_vs_paper_ratio": lambda pair: paper_s / wall_s(pair.scoring),
    }
    for bench, of in ratio.items():
        each = [of(pair) for pair in compared.pairs]
        facts = {"ratios": each, "wanted_at_least": WANTED[bench], **_facts(compared)}
        yield Figure(bench, statistics.median(each), "times", facts)


def seconds_for(theirs: Reply, prompts: int) -> float:
    """Their seconds of generation for so many prompts, from those of a sample."""
    return wall_s(theirs, "respond") * prompts / len(theirs["responses"])


def paper_seconds(compared: Compared) -> float:
    """Their seconds for the paper's work: loading, and so many prompts as long as the sampled ones.

    Shorter samples are multiplied, which leaves out that a longer context costs more. Encoding
    is left out too: the paper's encoder has 8 thousand million parameters.
    """
    longer = PAPER_TOKENS / compared.effort.long_tokens
    return wall_s(compared.long, "load") + longer * seconds_for(compared.long, PAPER_PROBES)


def _facts(compared: Compared) -> dict[str, Any]:
    effort, pairs = compared.effort, compared.pairs
    theirs, ours = [pair.theirs for pair in pairs], [pair.answering for pair in pairs]
    seconds = {
        "ours_generate": [wall_s(reply, "respond") for reply in ours],
        "ours": [wall_s(reply) for reply in ours],
        "ours_generate_cpu": [cpu_s(reply, "respond") for reply in ours],
        "ours_cpu": [cpu_s(reply) for reply in ours],
        "ours_likelihood": [wall_s(pair.scoring) for pair in pairs],
        "theirs_sampled": [wall_s(reply, "respond") for reply in theirs],
        "theirs_sampled_cpu": [cpu_s(reply, "respond") for reply in theirs],
        "theirs_generate": [seconds_for(reply, effort.prompts) for reply in theirs],
        "theirs_load": [wall_s(reply, "load") for reply in theirs],
        "theirs_encode": [wall_s(reply, "load_encoder", "encode") for reply in theirs],
    }
    own = compared.as_it_comes
    return {
        "model": f"Llama, random weights, {compared.llama.name}",
        "parameters": compared.llama.parameters,
        "prompts": effort.prompts,
        "their_prompts": effort.sampled,
        "new_tokens": effort.tokens,
        "median_s": {name: statistics.median(each) for name, each in seconds.items()},
        "paper_s": paper_seconds(compared),
        "paper_from": f"{effort.long_prompts} prompts, {effort.long_tokens} new tokens",
        "same_answers": _same_answers(compared),
        "peer": f"{LLM_DNA}, {theirs[0]['dtype']}, {theirs[0]['threads']} threads",
        "peer_own_dtype": own["dtype"],
        "peer_own_dtype_s": seconds_for(own, effort.prompts),
        "ours": ours[0]["environment"],
    }


def _same_answers(compared: Compared) -> float:
    """The share of their answers that are ours, too: that the same work was done."""
    pairs = compared.pairs
    same = [
        answer == compared_with.strip()
        for number, pair in enumerate(pairs)
        for answer, compared_with in zip(
            pair.theirs["responses"],
            sample(pair.answering["responses"], number, compared.effort),
            strict=True,
        )
    ]
    return statistics.fmean(same)
