"""PostgreSQL and Redis of the stack's own, from the programs that this machine has."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from ops.layout import LOOPBACK, Layout
from ops.process import Command

HINT = "make up needs {}: install it (Debian: apt-get install {}), or use docker compose."


def postgres_programs() -> Path:
    """The folder of the newest installed initdb and postgres; ends the program without one."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    initdb = str(found[-1]) if found else shutil.which("initdb")
    if initdb is None:
        sys.exit(HINT.format("PostgreSQL", "postgresql"))
    return Path(initdb).resolve().parent


def postgres_owner() -> str | None:
    """Whom PostgreSQL runs as: it refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def postgres(folder: Path, layout: Layout) -> Command:
    """PostgreSQL over `folder`/postgres, which is made if it is not there."""
    programs, data, owner = postgres_programs(), folder / "postgres", postgres_owner()
    if not (data / "PG_VERSION").exists():
        _make_cluster(programs, data, owner, layout.postgres_password)
    return Command(
        "postgres",
        [
            *(str(programs / "postgres"), "-D", str(data), "-p", str(layout.postgres_port)),
            *("-c", f"listen_addresses={LOOPBACK}", "-c", "unix_socket_directories="),
            *("-c", "max_connections=200"),
        ],
        environment={"LC_ALL": "C.UTF-8"},
        owner=owner,
        stop=signal.SIGINT,  # connections are cut, everything is written
        grace_s=60.0,
    )


def _make_cluster(programs: Path, data: Path, owner: str | None, password: str) -> None:
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = data.with_name("postgres-password")
    secret.touch(mode=0o600)
    secret.write_text(password)
    if owner is not None:
        for path in (data, secret):
            shutil.chown(path, owner)
    try:
        subprocess.run(
            [
                *(str(programs / "initdb"), "-D", str(data), "-U", "genebank"),
                *("--auth=scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C.UTF-8"),
                "--data-checksums",
            ],
            check=True,
            user=owner,
            cwd=data,
            env={"PATH": os.defpath},
            stdout=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError:
        sys.exit(f"initdb failed in {data}. As root, the folder must be reachable for {owner}.")
    finally:
        secret.unlink()


def redis(layout: Layout) -> Command:
    """Redis that keeps nothing on disk: it only rings. Its password is in no argument."""
    program = shutil.which("redis-server")
    if program is None:
        sys.exit(HINT.format("Redis", "redis-server"))
    settings = (
        f"bind {LOOPBACK}",
        f"port {layout.redis_port}",
        f"requirepass {layout.redis_password}",
        'save ""',
        "appendonly no",
        "maxmemory 200mb",
    )
    return Command("redis", [program, "-"], environment={}, stdin="\n".join(settings) + "\n")
