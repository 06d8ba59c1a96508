"""One process of the stack: started apart from us, known by its id and when it began, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

POLL_S = 0.05


@dataclass(frozen=True)
class Command:
    """How to start a process; `owner` is whom it runs as, `stop` the signal that ends it well."""

    name: str
    words: Sequence[str]
    environment: Mapping[str, str]
    owner: str | None = None
    stdin: str = ""
    stop: signal.Signals = signal.SIGTERM
    grace_s: float = 15.0


class Process:
    """A process whose id lies in a file, so that `make down` finds what `make up` began."""

    def __init__(self, folder: Path, command: Command) -> None:
        self._command = command
        self._file = folder / "pids" / command.name
        self.log = folder / "logs" / f"{command.name}.log"
        # Of a process that an earlier program began there is only the file.
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """What it is."""
        return self._command.name

    @property
    def pid(self) -> int | None:
        """Its id while it runs. One whose start differs is somebody else, under the same id."""
        if self._child is not None:
            self._child.poll()  # lets it go if it has ended
        try:
            pid, began = map(int, self._file.read_text().split())
        except (FileNotFoundError, ValueError):
            return None
        return pid if _began(pid) == began else None

    def start(self) -> None:
        """Start it unless it runs; what it says goes to its log."""
        if self.pid is not None:
            return
        for path in (self._file, self.log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = started = subprocess.Popen(
                list(self._command.words),
                env=dict(self._command.environment),
                user=self._command.owner,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert started.stdin is not None  # noqa: S101  a pipe was asked for
        with suppress(BrokenPipeError), started.stdin:
            started.stdin.write(self._command.stdin.encode())
        self._file.write_text(f"{started.pid} {_began(started.pid) or 0}")

    def stop(self) -> bool:
        """Ask it to end, and end it after its grace; return whether it ended by itself."""
        pid = self.pid
        if pid is None:
            return True
        with suppress(ProcessLookupError):
            os.kill(pid, self._command.stop)
        until = time.monotonic() + self._command.grace_s
        while self.pid is not None and time.monotonic() < until:
            time.sleep(POLL_S)
        by_itself = self.pid is None
        if not by_itself:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        if self._child is not None:
            self._child.wait()
        self._file.unlink(missing_ok=True)
        return by_itself


def _began(pid: int) -> int | None:
    """When a process began, in ticks since the machine did; None where it has ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if words[0] == "Z" else int(words[19])
