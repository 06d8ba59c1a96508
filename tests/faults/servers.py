"""A PostgreSQL and a Redis of the harness's own, in its folder, which may be killed at will."""

import shutil
import socket
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path

from tests.faults.programs import free_port, owner, postgres_programs, redis_program

# fsync and synchronous_commit stay on, as operators have them: what was answered must be there.
OPTIONS = (
    "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=32MB"
)
PASSWORD = "a-password-of-the-harness"  # noqa: S105 - every Redis of ours needs one
PATIENCE_S = 30.0


class Postgres:
    """A cluster in `folder`, which its owner must be able to enter."""

    def __init__(self, folder: Path) -> None:
        """Make it; start nothing yet. Raises MissingProgramError."""
        self._programs = postgres_programs()
        self._owner = owner()
        self._folder = folder
        self._port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        folder.mkdir()
        if self._owner is not None:
            shutil.chown(folder, self._owner)
        self._call("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def start(self) -> None:
        """Start it, recover what it holds, and return when it takes connections."""
        options = OPTIONS.format(port=self._port)
        self._call("pg_ctl", "-w", "-s", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop_at_once(self) -> None:
        """Immediate mode: no checkpoint, no goodbye; the next start recovers from the log."""
        self._call("pg_ctl", "-w", "-s", "-m", "immediate", "stop")

    def close(self) -> None:
        """Stop it, if it runs."""
        with suppress(subprocess.CalledProcessError):
            self.stop_at_once()

    def _call(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), "-D", str(self._folder / "data"), *words],
            check=True,
            user=self._owner,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


class Redis:
    """A Redis that keeps nothing when it is killed."""

    def __init__(self) -> None:
        """Start nothing yet; MissingProgramError."""
        self._program = redis_program()
        self._port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and return when it answers."""
        words = ["--port", str(self._port), "--bind", "127.0.0.1", "--requirepass", PASSWORD]
        self._process = subprocess.Popen(
            [self._program, *words, "--save", ""], stdout=subprocess.DEVNULL
        )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", self._port))):
                return
            time.sleep(0.02)
        raise TimeoutError("redis-server did not start")

    def kill(self) -> None:
        """SIGKILL: whatever it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
