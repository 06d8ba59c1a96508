"""Our engine and llm-dna in turn on the same Llama: what is asked of each, and what it took.

llm-dna takes one prompt at a time, so that it is asked a sample of the prompts in each pair, and
its seconds a prompt are multiplied. Ours depends on batches, and is asked all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.dna.protocol import lexical_v1, likelihood_v1
from app.errors import SetupError
from benchmarks.figures import say
from benchmarks.llama_files import made
from benchmarks.llamas import Llama
from benchmarks.peers import LLM_DNA
from benchmarks.sides import Reply, Side


@dataclass(frozen=True)
class Effort:
    """How much is asked: prompts of ours, prompts of theirs in each pair, tokens of an answer.

    `long_tokens` is the length of the answers from which the paper's work is extrapolated.
    """

    llamas: tuple[Llama, ...]
    pairs: int
    prompts: int
    sampled: int
    tokens: int
    long_prompts: int
    long_tokens: int


@dataclass(frozen=True)
class Pair:
    """One turn of both sides; `scoring` is ours again, by likelihood-v1."""

    answering: Reply
    scoring: Reply
    theirs: Reply


@dataclass(frozen=True)
class Compared:
    """All that was measured of one Llama."""

    llama: Llama
    effort: Effort
    pairs: Sequence[Pair]
    long: Reply
    as_it_comes: Reply


def measured(llama: Llama, effort: Effort, ours: Side, theirs: Side, encoder: Path) -> Compared:
    """Ask both sides alternately; SetupError `side_failed` where llm-dna fails on a prompt.

    `encoder` is the folder of the sentence encoder of llm-dna.
    """
    folder = str(made(llama))
    prompts = lexical_v1().probe_set.probes[: effort.prompts]

    def ask(some: Sequence[str], tokens: int, dtype: str = "float32") -> Reply:
        reply = theirs.ask(
            "answer",
            directory=folder,
            prompts=some,
            max_new_tokens=tokens,
            n_encoded=effort.prompts,
            dtype=dtype,
            encoder=str(encoder),
        )
        return _answered(reply)

    pairs = []
    for number in range(effort.pairs):
        say(f"llm-dna, {llama.name}: pair {number + 1} of {effort.pairs}")
        answering = ours.ask(
            "answer", directory=folder, n=effort.prompts, max_new_tokens=effort.tokens
        )
        scoring = ours.ask("score", directory=folder, n=likelihood_v1().n_probes)
        few = ask(sample(prompts, number, effort), effort.tokens)
        pairs.append(Pair(answering, scoring, few))
    long = ask(prompts[: effort.long_prompts], effort.long_tokens)
    return Compared(llama, effort, pairs, long, ask(prompts[:1], effort.tokens, dtype=""))


def _answered(theirs: Reply) -> Reply:
    """It gives an empty answer where generation failed, and says so in its log only."""
    if not all(theirs["responses"]):
        raise SetupError("side_failed", f"{LLM_DNA} could not answer every prompt.")
    return theirs


def sample(of_prompts: Sequence[str], number: int, effort: Effort) -> Sequence[str]:
    """Return the share of pair `number`: every pair has others."""
    return of_prompts[number :: effort.pairs][: effort.sampled]
