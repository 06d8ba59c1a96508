"""The paper's protocol against the reference implementation: same answers, same encoder."""

import statistics
from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure, say
from benchmarks.groups import Options
from benchmarks.peers import ENCODER, LLM_DNA, encoder_folder, fetched
from benchmarks.prose import Prose
from benchmarks.sides import median_s, running, wall_s

PAIRS = 5
ANSWERS = {"tiny": 4, "small": 50, "large": 600}
CHARACTERS = 500
DIFFERENCE = 1e-5  # that is wanted at most


def figures(options: Options) -> Iterator[Figure]:
    """The largest difference of two DNAs, coordinate by coordinate, and their seconds to ours."""
    library, encoder = fetched(), str(encoder_folder())
    prose = Prose(options.seed)
    answers = [prose.text(CHARACTERS) for _ in range(ANSWERS[options.size])]
    ours, theirs = [], []
    with (
        running("benchmarks.side_paper") as our_side,
        running("benchmarks.side_llm_dna", library) as their_side,
    ):
        for number in range(PAIRS):
            say(f"{LLM_DNA}, paper's protocol: pair {number + 1} of {PAIRS}")
            ours.append(our_side.ask("encode", encoder=encoder, answers=answers))
            theirs.append(their_side.ask("encode", encoder=encoder, answers=answers))
    pairs = list(zip(ours, theirs, strict=True))
    difference = max(np.abs(np.subtract(one["dna"], other["dna"])).max() for one, other in pairs)
    ratios = [wall_s(other, "encode") / wall_s(one, "encode") for one, other in pairs]
    facts = {
        "answers": len(answers),
        "characters": CHARACTERS,
        "encoder": ENCODER,
        "peer": LLM_DNA,
        "largest": max(map(abs, theirs[0]["dna"])),
    }
    wanted = {"wanted_at_most": DIFFERENCE}
    yield Figure("extract.paper_max_difference", float(difference), "", facts | wanted)
    seconds = {"ours_s": median_s(ours), "theirs_s": median_s(theirs), "ratios": ratios}
    yield Figure("extract.paper_ratio", statistics.median(ratios), "times", facts | seconds)
