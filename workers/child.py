"""A job's own process: checks one model's files, loads it once, asks it everything, and ends;
or runs a sentence encoder over its answers.

It has no database, no secrets and no network; it is told what to do on its standard input and
answers in frames on its standard output. The zygote forks it.
"""

import errno
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO

from app.errors import GenebankError, ModelError, SetupError
from app.services.local_refs import stat_revision
from workers import frames
from workers.assignment import Assignment, Questions, questions_from_line
from workers.confinement import confine, limit_resources
from workers.encoders.assignment import Encoding
from workers.encoders.work import encode
from workers.llms.role import Decoding
from workers.sources.local import resolve_local
from workers.sources.resolved import Limits, ResolvedModel

if TYPE_CHECKING:
    from workers.llms.role import LanguageModel

EXIT_CRASHED = 70
# Prime, so that replicates are cut in different places.
CUT_STEP = 7

Send = Callable[[frames.Frame], None]


def main() -> int:
    """Work through one assignment; return the exit status."""
    output = _take_output()

    def send(frame: frames.Frame) -> None:
        output.write(frames.write(frame))
        output.flush()

    try:
        limit_resources()
        _obey(sys.stdin.buffer.readline(), send)
    except GenebankError as error:
        send(frames.Failed.of(error))
        return frames.EXIT_REPORTED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            traceback.print_exc()
            return EXIT_CRASHED
        send(frames.Failed.of(SetupError("cannot_store", "The disk of the data folder is full.")))
        return frames.EXIT_REPORTED
    except BaseException:  # noqa: BLE001 - a tokenizer's panic is no Exception
        traceback.print_exc()
        return EXIT_CRASHED
    return 0


def _obey(line: bytes, send: Send) -> None:
    encoding = Encoding.from_line(line)
    if encoding:
        encode(encoding, send)
    else:
        _work(Assignment.from_line(line), send)


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
    streamed = _engine().must_stream(resolved.n_parameters, assignment.memory_mb)
    send(frames.Resolved(model=resolved.to_json(), streamed=streamed))
    questions = questions_from_line(sys.stdin.buffer.readline())
    if not questions:
        return
    send(frames.Stage(stage="load"))
    with clock.phase("load"):
        llm = _engine().load(
            Path(assignment.private),
            resolved.kind,
            streamed=streamed,
            memory_mb=assignment.memory_mb,
        )
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
    base = None if assignment.base_directory is None else Path(assignment.base_directory)
    limits = Limits(max_weight_bytes=assignment.max_weight_bytes)
    resolved = resolve_local(directory, Path(assignment.private), limits, base)
    if stat_revision(directory) != assignment.revision:
        raise ModelError(
            "changed_since_registered", "The directory changed after it was submitted: do it again."
        )
    return resolved


def _engine() -> ModuleType:
    try:
        from workers.llms import transformers_llm
    except ModuleNotFoundError as error:
        raise SetupError(
            "extract_missing",
            f"Fingerprinting needs {error.name}: pip install 'genebank[extract]'.",
        ) from error

    return transformers_llm


def _plan(llm: "LanguageModel", one: Questions) -> list[list[int]]:
    if one.response == "likelihood":
        plan = llm.plan_scoring(one.probes)
    else:
        plan = llm.plan_answers(one.items, _decoding(one))
    return recut(plan, one.replicate)


def _asked(llm: "LanguageModel", one: Questions, plan: list[list[int]]) -> Iterator[frames.Batch]:
    """Ask batch by batch, without those that were answered whole before."""
    answered = set(one.answered)
    for number, indices in enumerate(plan):
        if answered.issuperset(indices):
            continue
        yield frames.Batch(
            protocol=one.protocol, batch=number, indices=indices, responses=_ask(llm, one, indices)
        )


def _ask(llm: "LanguageModel", one: Questions, items: list[int]) -> list[str] | list[list[float]]:
    texts = [one.items[item] for item in items]
    if one.response == "likelihood":
        return llm.score(texts, scored_words=int(one.generation["scored_words"]))
    return llm.answer(texts, _decoding(one), one.seeds(items))


def _decoding(one: Questions) -> Decoding:
    settings = one.generation
    return Decoding(
        max_new_tokens=int(settings["max_new_tokens"]),
        chat=settings["chat_template"] == "when_present",
        temperature=float(settings.get("temperature", 0)),
        top_p=float(settings.get("top_p", 1)),
    )


def recut(plan: list[list[int]], replicate: int) -> list[list[int]]:
    """Cut every batch in two, for each replicate elsewhere; replicate 0 leaves the plan alone.

    What is asked together is our choice and no part of a protocol, so that a replicate that
    chooses otherwise shows what the choice is worth.
    """
    if not replicate:
        return plan
    cuts = [1 + (replicate * CUT_STEP) % max(len(batch) - 1, 1) for batch in plan]
    halves = [
        half for batch, cut in zip(plan, cuts, strict=True) for half in (batch[:cut], batch[cut:])
    ]
    return [half for half in halves if half]


class _Clock:
    """Seconds spent by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - began
