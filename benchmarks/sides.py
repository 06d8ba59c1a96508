"""Programs that are measured side by side: each in a process of its own, asked in turn.

A side answers one JSON line with one JSON line and waits idle between them, so that importing
its libraries is no part of any figure. Both halves are here: `Side` asks, `serve` answers.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from app.errors import SetupError

TAIL = 2000

Reply = dict[str, Any]
Seconds = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Side:
    """A running side; see `running`."""

    module: str
    questions: IO[bytes]
    replies: IO[bytes]
    errors: IO[bytes]

    def ask(self, verb: str, **words: Any) -> Reply:
        """Wait for what `verb` measures; SetupError `side_failed` when the process breaks."""
        with suppress(BrokenPipeError):  # the missing reply tells
            self.questions.write(json.dumps({"verb": verb, **words}).encode() + b"\n")
            self.questions.flush()
        line = self.replies.readline()
        if not line:
            self.errors.seek(0)
            tail = self.errors.read()[-TAIL:].decode(errors="replace").strip()
            raise SetupError("side_failed", f"{self.module} broke: {tail}")
        reply: Reply = json.loads(line)
        return reply


@contextmanager
def running(module: str, library: Path | None = None) -> Iterator[Side]:
    """`python -m module`, with the packages in the folder `library` on its path, until the end."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(library),
        ) as process,
    ):
        questions = cast("IO[bytes]", process.stdin)
        try:
            yield Side(module, questions, cast("IO[bytes]", process.stdout), errors)
        finally:
            process.kill()
            with suppress(BrokenPipeError):  # what was written last and never read
                questions.close()


def _environment(library: Path | None) -> dict[str, str]:
    """The same for all sides: all cores, no network, threads that wait as those of a worker do."""
    here = Path(__file__).parents[1]
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, filter(None, (here, library)))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": str(len(os.sched_getaffinity(0))),
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
    }


def serve(verbs: Mapping[str, Callable[..., Reply]]) -> None:
    """Answer lines until the other end hangs up; what a library prints goes to standard error."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        reply = verbs[question.pop("verb")](**question)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


@contextmanager
def timed(seconds: Seconds, phase: str) -> Iterator[None]:
    """Keep what the block took: on the clock, and of processors."""
    wall, cpu = time.monotonic(), time.process_time()
    yield
    seconds[phase] = {"wall_s": time.monotonic() - wall, "cpu_s": time.process_time() - cpu}


def wall_s(reply: Reply, *phases: str) -> float:
    """Seconds on the clock that a reply's phases took; all of them when none is named."""
    seconds: Seconds = reply["seconds"]
    return sum(seconds[phase]["wall_s"] for phase in phases or seconds)


def cpu_s(reply: Reply, *phases: str) -> float:
    """The same in seconds of processors."""
    seconds: Seconds = reply["seconds"]
    return sum(seconds[phase]["cpu_s"] for phase in phases or seconds)


def median_s(replies: Sequence[Reply]) -> dict[str, float]:
    """The median seconds on the clock of each phase of replies to the same question."""
    return {
        phase: statistics.median(wall_s(reply, phase) for reply in replies)
        for phase in replies[0]["seconds"]
    }
