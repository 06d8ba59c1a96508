"""What a process leaves behind when it ends in the middle of something, and whose fault that is."""

import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from workers import frames
from workers.nest import Forked, NestLostError
from workers.supervision import Bounds, ChildFaultError, held

HALF = """printf '{"frame": "sta'; """
WHOLE = """printf '{"frame": "stage", "stage": "load"}\\n'; """


def said(
    folder: Path, script: str, how: Callable[[Future[int], int], None]
) -> tuple[list[frames.Frame], Exception | None]:
    """The frames of a shell's script, and what reading them raised; `how` tells how it ended."""
    (folder / "stderr").touch()
    process = subprocess.Popen(
        ["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    forked = Forked(process.pid, process.stdin, process.stdout, Future())
    how(forked.ended, process.wait(30))
    found: list[frames.Frame] = []
    with held(forked, folder, Bounds(1000, 30.0)) as child:
        try:
            found += child.frames(lambda: None)
        except (ChildFaultError, NestLostError) as error:
            return found, error
    return found, None


def told(ended: Future[int], status: int) -> None:
    ended.set_result(status)


def lost(ended: Future[int], _status: int) -> None:
    ended.set_exception(NestLostError())


@pytest.mark.parametrize("before", ["", HALF])
def test_a_process_that_is_killed_is_at_fault_unless_the_nest_was_lost(
    tmp_path: Path, before: str
) -> None:
    _, error = said(tmp_path, before + "kill -9 $$", told)
    assert isinstance(error, ChildFaultError)
    assert (error.code, "SIGKILL" in error.detail) == ("crashed", True)
    _, error = said(tmp_path, before + "kill -9 $$", lost)
    assert isinstance(error, NestLostError)


def test_what_was_said_before_is_heard(tmp_path: Path) -> None:
    assert said(tmp_path, WHOLE, told) == ([frames.Stage(stage="load")], None)
    found, error = said(tmp_path, WHOLE + WHOLE + HALF, lost)
    assert (len(found), type(error)) == (2, NestLostError)


def test_a_line_that_is_no_frame_is_a_fault(tmp_path: Path) -> None:
    _, error = said(tmp_path, "echo canary", told)
    assert isinstance(error, ChildFaultError)
    assert error.code == "bad_frame"
