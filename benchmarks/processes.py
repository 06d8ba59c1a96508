"""Genebank as people run it: the installed program in processes of its own, and their memory."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from types import MappingProxyType

from app.errors import SetupError

PROGRAM = str(Path(sys.executable).with_name("genebank"))
PATIENCE_S = 600


@dataclass(frozen=True)
class Finished:
    """What a program printed, and the seconds that it took: on the clock, and of processors."""

    output: str
    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Service:
    """A running `genebank serve`."""

    pid: int
    url: str

    @property
    def peak_mb(self) -> float:
        """The most memory that it ever held, in MB of 2**20 bytes (VmHWM)."""
        return peak_mb(self.pid)

    @property
    def cpu_s(self) -> float:
        """Seconds of processors that it has used."""
        facts = _proc(self.pid, "stat").rpartition(")")[2].split()
        return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")

    def has_mapped(self, library: str) -> bool:
        """Whether a file whose path contains `library` is part of the process."""
        return library in _proc(self.pid, "maps")


def genebank(
    *words: object, data_dir: Path, env: Mapping[str, str] = MappingProxyType({})
) -> Finished:
    """Run a verb over the registry in a folder, with more of an environment; SetupError
    `program_failed` when it fails.
    """
    before, began = getrusage(RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [PROGRAM, *map(str, words)],
        env={"GENEBANK_DATA_DIR": str(data_dir), **env},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    wall, after = time.monotonic() - began, getrusage(RUSAGE_CHILDREN)
    if done.returncode:
        raise SetupError("program_failed", f"genebank {words[0]} failed: {done.stderr.strip()}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Finished(done.stdout, wall, cpu)


@contextmanager
def service(
    data_dir: Path,
    *,
    worker: bool,
    database_url: str = "",
    core: int | None = None,
    env: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Service]:
    """`genebank serve` over a folder on a free port, with or without a worker in its process.

    Its database is the one in the folder, unless another is named; `env` holds more settings. On
    one `core`, if it is named, threads that take turns do not wander.
    """
    alone = [] if core is None else ["taskset", "--cpu-list", str(core)]
    process = subprocess.Popen(
        [*alone, PROGRAM, "serve", "--port", "0", "--data-dir", str(data_dir)],
        env={
            "GENEBANK_EMBEDDED_WORKER": str(worker).lower(),
            "GENEBANK_LOG_LEVEL": "error",
            "GENEBANK_DATABASE_URL": database_url,
            **env,
        },
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            said = process.stderr.readline() if process.stderr else ""
            found = re.search(r"listens on (\S+)", said)
            if found is None:
                raise SetupError("program_failed", f"genebank serve failed: {said.strip()}")
            yield Service(process.pid, found[1])
        finally:
            process.kill()


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process ever held, in MB of 2**20 bytes (VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", _proc(pid, "status"))
    if found is None:
        raise SetupError("no_proc", "The kernel does not say how much memory a process held.")
    return int(found[1]) / 1024


def _proc(pid: int | str, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError as error:
        raise SetupError("no_proc", f"Memory is read from /proc: {error.strerror}.") from error
