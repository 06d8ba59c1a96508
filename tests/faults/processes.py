"""Programs at work, started and killed at will, and the processes that it started."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ENDS_WITHIN_S = 30.0


class Program:
    """One command that can be started again after it was killed."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start nothing yet; all that it says goes to `log`."""
        self._command = command
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's id, of the last start."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it; returns before it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, env=self._environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL, as the kernel does it when memory runs out."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> int:
        """SIGTERM; the exit code. subprocess.TimeoutExpired when it does not end."""
        self.send(signal.SIGTERM)
        assert self._process is not None
        return self._process.wait(ENDS_WITHIN_S)

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        assert self._process is not None
        self._process.send_signal(number)


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they started; the nearest first."""
    found: list[int] = []
    wanted = [pid]
    while wanted:
        children = _children(wanted.pop(0))
        found += children
        wanted += children
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found
