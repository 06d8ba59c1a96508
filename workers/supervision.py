"""The parent's hold on a job's process: starts it, reads its frames, and ends it when it
takes too much memory or time. Never imports torch, never reads a model's files.
"""

import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.queue import WorkerConfig
from workers import frames
from workers.lending import TICK_S
from workers.nest import Forked

TAIL_BYTES = 2000
MAX_TOTAL_BYTES = 256 << 20


class ChildFaultError(Exception):
    """The process broke or was ended: a fault of the model, until proved otherwise."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Bounds:
    """What one process may take."""

    memory_mb: int
    timeout_s: float

    @classmethod
    def of(cls, config: WorkerConfig) -> Self:
        """What the operator allows to any process of a job."""
        return cls(memory_mb=config.job_memory_mb, timeout_s=config.job_timeout_s)


class Child:
    """A running job process; see `held`."""

    def __init__(self, process: Forked, folder: Path, bounds: Bounds) -> None:
        """Take hold of a process that was forked in `folder`."""
        self._process = process
        self._bounds = bounds
        self._deadline = time.monotonic() + bounds.timeout_s
        self._errors = folder / "stderr"
        self._gone = threading.Event()
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        self._reader = threading.Thread(target=self._read, name="frames", daemon=True)
        self._reader.start()

    def tell(self, line: bytes) -> None:
        """Write a line to its input; a process that is gone is noticed by `frames`."""
        with suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def frames(self, heartbeat: Callable[[], None]) -> Iterator[frames.Frame]:
        """Yield its frames until it ends; calls `heartbeat`, which may raise, about every tick.

        Raises ChildFaultError `out_of_memory`, `timed_out`, `crashed` or `bad_frame`;
        NestLostError when it was lost with the zygote.
        """
        while True:
            heartbeat()
            self._check_bounds()
            try:
                line = self._lines.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if line is None:
                break
            try:
                frame = frames.read(line)
            except ValueError as error:
                raise ChildFaultError("bad_frame", f"The job's process wrote {error}.") from error
            yield frame
        status = self._process.ended.result()
        if status not in (0, frames.EXIT_REPORTED):
            raise ChildFaultError("crashed", f"The job's process {_ending(status)}. {self._tail()}")

    def end(self) -> None:
        """Kill it and whatever it started; returns when it is gone."""
        if not self._process.ended.done():
            _kill(self._process.pid)
        wait([self._process.ended])
        self._gone.set()
        self._reader.join()
        self._process.close()

    def _read(self) -> None:
        total = 0
        while line := self._process.stdout.readline(frames.MAX_FRAME_BYTES):
            if len(line) < frames.MAX_FRAME_BYTES and not line.endswith(b"\n"):
                break  # It ended in the middle of a line: how it ended says why.
            total += len(line)
            whole = line.endswith(b"\n") and total <= MAX_TOTAL_BYTES
            self._put(line if whole else b"an endless frame")
        self._put(None)

    def _put(self, line: bytes | None) -> None:
        """Hand a line over, unless nobody will take it any more."""
        while not self._gone.is_set():
            with suppress(queue.Full):
                self._lines.put(line, timeout=TICK_S)
                return

    def _check_bounds(self) -> None:
        if time.monotonic() > self._deadline:
            raise ChildFaultError(
                "timed_out", f"It took more than {self._bounds.timeout_s:.0f} seconds."
            )
        if resident_mb(self._process.pid) > self._bounds.memory_mb:
            raise ChildFaultError(
                "out_of_memory", f"It held more than {self._bounds.memory_mb:,} MB of memory."
            )

    def _tail(self) -> str:
        text = self._errors.read_bytes()[-TAIL_BYTES:].decode(errors="replace").strip()
        return text.splitlines()[-1][:300] if text else "It left no message."


@contextmanager
def held(process: Forked, folder: Path, bounds: Bounds) -> Iterator[Child]:
    """Hold a job's process, and have it gone at the end whatever happens."""
    child = Child(process, folder, bounds)
    try:
        yield child
    finally:
        child.end()


def resident_mb(pid: int) -> float:
    """Memory that a process holds, in MB; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        # It is gone, or so young that it leads no group yet.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _ending(status: int) -> str:
    if status == -signal.SIGVTALRM:  # see `within` in workers/llms/failures.py
        return "took too long over one text"
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with {status}"
