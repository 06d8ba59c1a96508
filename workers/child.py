"""A job's own process: checks one model's files, loads it once, asks it everything, and ends.

It has no database, no secrets and no network; it is told what to do on its standard input and
answers in frames on its standard output. The zygote forks it.
"""

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from app.errors import GenebankError, ModelError, SetupError
from app.services.local_refs import stat_revision
from workers import frames
from workers.assignment import Assignment, Questions, questions_from_line
from workers.confinement import confine, limit_resources
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits, ResolvedModel

if TYPE_CHECKING:
    from workers.llms.role import LanguageModel

EXIT_CRASHED = 70

Send = Callable[[frames.Frame], None]


def main() -> int:
    """Work through one assignment; return the exit status."""
    output = _take_output()

    def send(frame: frames.Frame) -> None:
        output.write(frames.write(frame))
        output.flush()

    try:
        limit_resources()
        _work(Assignment.from_line(sys.stdin.buffer.readline()), send)
    except GenebankError as error:
        send(frames.Failed(code=error.code, detail=error.detail[:2000]))
        return frames.EXIT_REPORTED
    except BaseException:  # noqa: BLE001 - a tokenizer's panic is no Exception
        traceback.print_exc()
        return EXIT_CRASHED
    return 0


def _take_output() -> BinaryIO:
    """Keep standard output for frames; whatever a library prints goes to standard error."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output


def _work(assignment: Assignment, send: Send) -> None:
    confinement = confine(required=assignment.confinement_required)
    clock = _Clock()
    with clock.phase("check"):
        resolved = _resolve(assignment)
    send(frames.Resolved(model=resolved.to_json()))
    questions = questions_from_line(sys.stdin.buffer.readline())
    if not questions:
        return
    send(frames.Stage(stage="load"))
    with clock.phase("load"):
        llm = _load(Path(assignment.private), resolved)
    plans = [(one, _plan(llm, one)) for one in questions]
    send(frames.Planned(batches=sum(len(plan) for _, plan in plans)))
    for one, plan in plans:
        send(frames.Stage(stage="score" if one.response == "likelihood" else "answer"))
        with clock.phase("score" if one.response == "likelihood" else "answer"):
            for batch in _asked(llm, one, plan):
                send(batch)
    environment = {**llm.describe(), "confinement": confinement}
    send(frames.Done(environment=environment, seconds=clock.seconds))


def _resolve(assignment: Assignment) -> ResolvedModel:
    directory = Path(assignment.directory)
    limits = Limits(max_weight_bytes=assignment.max_weight_bytes)
    resolved = resolve_local(directory, Path(assignment.private), limits)
    if stat_revision(directory) != assignment.revision:
        raise ModelError(
            "changed_since_registered", "The directory changed after it was submitted: do it again."
        )
    return resolved


def _load(directory: Path, resolved: ResolvedModel) -> "LanguageModel":
    try:
        from workers.llms.transformers_llm import load
    except ImportError as error:
        raise SetupError(
            "extract_missing", "Fingerprinting needs torch: pip install 'genebank[extract]'."
        ) from error

    return load(directory, resolved.kind)


def _plan(llm: "LanguageModel", one: Questions) -> list[list[int]]:
    if one.response == "likelihood":
        return llm.plan_scoring(one.probes)
    return llm.plan_answers(one.probes, _most_tokens(one), chat=_chat(one))


def _asked(llm: "LanguageModel", one: Questions, plan: list[list[int]]) -> Iterator[frames.Batch]:
    """Ask batch by batch, without those that were answered whole before."""
    answered = set(one.answered)
    for number, indices in enumerate(plan):
        if answered.issuperset(indices):
            continue
        probes = [one.probes[index] for index in indices]
        yield frames.Batch(
            protocol=one.protocol, batch=number, indices=indices, responses=_ask(llm, one, probes)
        )


def _ask(llm: "LanguageModel", one: Questions, probes: list[str]) -> list[str] | list[list[float]]:
    if one.response == "likelihood":
        return llm.score(probes, scored_words=int(one.generation["scored_words"]))
    return llm.answer(probes, _most_tokens(one), chat=_chat(one))


def _most_tokens(one: Questions) -> int:
    return int(one.generation["max_new_tokens"])


def _chat(one: Questions) -> bool:
    return one.generation["chat_template"] == "when_present"


class _Clock:
    """Seconds spent by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began
