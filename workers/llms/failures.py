"""Failures of torch, transformers and tokenizers become ours here and nowhere else.

Rust panics of tokenizers derive from BaseException, so that is what is caught. Running out of
memory stays a MemoryError: the job's runner counts it, it says nothing about the files.
"""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch

from app.errors import GenebankError, ModelError

_LONGEST = 300
_FOLDERS = re.compile(r"(?:/[^\s/'\":,]+)+/")
_NO_MEMORY = re.compile(r"(?i)(?:allocate|out of) memory|not enough memory")


@contextmanager
def failing_as(code: str, what: str, hide: str = "") -> Iterator[None]:
    """Raise ModelError(code) for whatever a third party raises within.

    `what` begins the sentence of the error ("The weights could not be read"); `hide` is a path
    that its text must not show.
    """
    try:
        yield
    except (GenebankError, MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        if isinstance(error, torch.OutOfMemoryError) or _NO_MEMORY.search(str(error)):
            raise MemoryError(_brief(error, hide)) from error
        raise ModelError(code, f"{what}: {_brief(error, hide)}") from error


@contextmanager
def within(seconds: float, code: str, what: str) -> Iterator[None]:
    """Raise ModelError(code) once what is done takes more seconds of the processor, not the clock.

    A template may loop for ever, a tokenizer's expression take a lifetime. Native code cannot be
    interrupted: twice the time ends the process by SIGVTALRM. Only for the main thread; does not
    nest.
    """

    def stop(_: int, __: FrameType | None) -> None:
        raise ModelError(code, f"{what}: it took more than {seconds:g} seconds.")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * seconds)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _brief(error: BaseException, hide: str) -> str:
    """Return type and first line of an error, without folders, at most 300 characters."""
    text = str(error).replace(hide, "its directory") if hide else str(error)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return _FOLDERS.sub("", f"{type(error).__name__}: {first}")[:_LONGEST]
