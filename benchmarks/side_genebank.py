"""A side: Genebank's own engine, from a model's directory to its DNA, as a job's process works."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import workers.llms.preload  # noqa: F401 - as in the process that jobs are forked from
from app.dna.probes import ProbeSet
from app.dna.projection import project
from app.dna.protocol import SCORED_WORDS, Protocol, greedy, lexical_v1, likelihood_v1
from app.dna.strand import encode
from benchmarks.processes import peak_mb
from benchmarks.sides import Reply, Seconds, serve, timed
from workers.llms.role import Decoding, LanguageModel
from workers.llms.transformers_llm import load
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits

Plan = list[list[int]]


def score(directory: str, n: int, streamed: bool = False) -> Reply:
    """Fingerprint a model by the first `n` passages of likelihood-v1."""
    return _fingerprint(directory, _first(likelihood_v1(), n), streamed=streamed)


def answer(directory: str, n: int, max_new_tokens: int) -> Reply:
    """Fingerprint a model by the first `n` prompts of lexical-v1 and shorter answers."""
    protocol = replace(_first(lexical_v1(), n), generation=greedy(max_new_tokens))
    return _fingerprint(directory, protocol)


def _first(protocol: Protocol, n: int) -> Protocol:
    chosen = ProbeSet(protocol.probe_set.name, protocol.probe_set.probes[:n])
    return replace(protocol, probe_set=chosen)


def _fingerprint(directory: str, protocol: Protocol, *, streamed: bool = False) -> Reply:
    """Return seconds by phase, the plan, responses, DNA, facts, and the most memory held so far."""
    seconds: Seconds = {}
    before_mb = peak_mb()
    with tempfile.TemporaryDirectory() as folder:
        private = Path(folder) / "model"
        with timed(seconds, "check"):
            resolved = resolve_local(Path(directory), private, Limits())
        with timed(seconds, "load"):
            llm = load(private, resolved.kind, streamed=streamed)
        with timed(seconds, "respond"):
            plan, responses = _respond(llm, protocol)
    with timed(seconds, "encode"):
        strand = encode(protocol, responses).values
        [dna] = project(strand[None], protocol)
    return {
        "seconds": seconds,
        "plan": plan,
        "responses": responses,
        "dna": dna.tolist(),
        "environment": llm.describe(),
        "before_mb": before_mb,
        "peak_mb": peak_mb(),
    }


def _respond(llm: LanguageModel, protocol: Protocol) -> tuple[Plan, list[Any]]:
    probes = protocol.probe_set.probes
    scoring = protocol.response == "likelihood"
    decoding = Decoding(int(protocol.generation_settings.get("max_new_tokens", 0)), chat=True)
    plan = llm.plan_scoring(probes) if scoring else llm.plan_answers(probes, decoding)
    responses: list[Any] = [None] * len(probes)
    for batch in plan:
        texts = [probes[index] for index in batch]
        for index, response in zip(batch, _ask(llm, texts, scoring, decoding), strict=True):
            responses[index] = response
    return plan, responses


def _ask(
    llm: LanguageModel, texts: Sequence[str], scoring: bool, decoding: Decoding
) -> Sequence[Any]:
    return (
        llm.score(texts, SCORED_WORDS) if scoring else llm.answer(texts, decoding, [0] * len(texts))
    )


if __name__ == "__main__":
    serve({"score": score, "answer": answer})
