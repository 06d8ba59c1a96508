"""The parent's hold on a job's process: starts it bare, reads its frames, and ends it when it
takes too much memory or time. Never imports torch, never reads a model's files.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workers import frames

TICK_S = 0.1
TAIL_BYTES = 2000
MAX_TOTAL_BYTES = 256 << 20
EXIT_REPORTED = 65


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
    threads: int


class Child:
    """A running job process; see `started`."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        """Start it in an empty private folder, with an environment of its own."""
        self._bounds = bounds
        self._deadline = time.monotonic() + bounds.timeout_s
        self._errors = folder / "stderr"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "workers.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=folder,
                env=_environment(folder, bounds.threads),
                start_new_session=True,
            )
        self._lines: queue.Queue[bytes | None] = queue.Queue(maxsize=64)
        self._reader = threading.Thread(target=self._read, name="frames", daemon=True)
        self._reader.start()

    def tell(self, line: bytes) -> None:
        """Write a line to its input; a process that is gone is noticed by `frames`."""
        pipe = self._process.stdin
        if pipe is None:
            return
        with suppress(BrokenPipeError):
            pipe.write(line)
            pipe.flush()

    def frames(self, heartbeat: Callable[[], None]) -> Iterator[frames.Frame]:
        """Yield its frames until it ends; calls `heartbeat`, which may raise, about every tick.

        Raises ChildFaultError `out_of_memory`, `timed_out`, `crashed` or `bad_frame`.
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
        status = self._process.wait()
        if status not in (0, EXIT_REPORTED):
            raise ChildFaultError("crashed", f"The job's process {_ending(status)}. {self._tail()}")

    def end(self) -> None:
        """Kill it and whatever it started; returns when it is gone."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        pipe = self._process.stdout
        total = 0
        while pipe is not None and (line := pipe.readline(frames.MAX_FRAME_BYTES)):
            total += len(line)
            if total > MAX_TOTAL_BYTES or not line.endswith(b"\n"):
                line = b"an endless frame"
            self._lines.put(line)
        self._lines.put(None)

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
def started(folder: Path, bounds: Bounds) -> Iterator[Child]:
    """Start a job's process in a folder, and have it gone at the end whatever happens."""
    child = Child(folder, bounds)
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


def _environment(folder: Path, threads: int) -> dict[str, str]:
    """Nothing of ours: no tokens, no database URL, no proxy."""
    return {
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "TMPDIR": str(folder),
        "OMP_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "TRANSFORMERS_VERBOSITY": "error",
        "DISABLE_SAFETENSORS_CONVERSION": "1",
    }


def _ending(status: int) -> str:
    return f"was killed by {signal.Signals(-status).name}" if status < 0 else f"ended with {status}"
