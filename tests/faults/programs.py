"""The servers' programs that the harness starts, and free ports for them."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path


class MissingProgramError(Exception):
    """What the harness needs is not installed; says what to do."""


def postgres_programs() -> Path:
    """The folder of initdb, pg_ctl and postgres: where pg_config says, else the newest of Debian's,
    else that of pg_ctl on PATH.

    Raises MissingProgramError.
    """
    for folder in (_by_pg_config(), *_of_debian(), _on_path("pg_ctl")):
        if folder is not None and (folder / "initdb").exists():
            return folder
    raise MissingProgramError(
        "No PostgreSQL server is installed (Debian: apt-get install postgresql), or its pg_config "
        "is not on PATH."
    )


def redis_program() -> str:
    """The path of redis-server; MissingProgramError."""
    found = shutil.which("redis-server")
    if found is None:
        raise MissingProgramError("No redis-server is on PATH (Debian: apt-get install redis).")
    return found


def owner() -> str | None:
    """Whom PostgreSQL runs as: it refuses root. None: as we do."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _by_pg_config() -> Path | None:
    program = shutil.which("pg_config")
    if program is None:
        return None
    said = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
    return Path(said.stdout.strip()) if said.returncode == 0 else None


def _of_debian() -> list[Path]:
    found = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(found, key=lambda path: float(path.parent.name), reverse=True)


def _on_path(program: str) -> Path | None:
    found = shutil.which(program)
    return None if found is None else Path(found).resolve().parent
