"""An embedded registry, `genebank serve` alone, whose data folder is a disk of a few megabytes.

The disk is a tmpfs in a user and mount namespace, in which the scenario runs as well. That needs no
privileges where the kernel allows such namespaces; the disk is gone with its last process.
"""

import errno
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.services.sealing import Sealer
from app.store.database import Database
from tests.cli.processes import PROGRAM
from tests.faults.answering import Endpoint, answering
from tests.faults.outcome import Outcome
from tests.faults.processes import Program
from tests.faults.programs import MissingProgramError, free_port
from tests.faults.stack import LEASE_S, PAUSE_S, add_grove, await_ready
from tests.registering import NO_HUB

DISK_MB = 16
DISK = "data"
MOUNT_AND = 'mount -t tmpfs -o size="$0"m genebank "$1" && shift && exec "$@"'
PIECE = 1 << 16


class SmallDisk:
    """The service, what fills its disk, and what frees it."""

    def __init__(self, folder: Path, endpoint: Endpoint) -> None:
        """Start it, and return when requests are answered."""
        self._endpoint = endpoint
        self._disk = folder / DISK
        self.models = folder / "models"
        self.log = folder / "log"
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.environment = {
            "HOME": str(folder),
            "GENEBANK_DATA_DIR": str(self._disk),
            "GENEBANK_LOCAL_ROOTS": str(self.models),
            "GENEBANK_HUB_URL": NO_HUB,
            "GENEBANK_THREADS": "1",
            "GENEBANK_LEASE_S": str(LEASE_S),
        }
        self._api = Program([PROGRAM, "serve", "--port", str(port)], self.environment, self.log)
        self._api.start()
        await_ready(self._api, self.url, self.log)
        self.database = Database(f"sqlite:///{self._disk / 'genebank.db'}")
        add_grove(self.database, Sealer("", folder), endpoint.url)

    def fill(self) -> int:
        """Write until nothing more can be written; the bytes that it took."""
        taken = 0
        with (self._disk / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    taken += filler.write(bytes(PIECE))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        return taken

    def make_room(self) -> None:
        """Remove what `fill` wrote."""
        (self._disk / "filler").unlink(missing_ok=True)

    def mend(self) -> None:
        """Make room, and return when requests are answered."""
        self.make_room()
        self._endpoint.pause_s = PAUSE_S
        await_ready(self._api, self.url, self.log)

    def close(self) -> None:
        """Kill it."""
        self.database.close()
        self._api.kill()


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """A registry on the small disk that is mounted in a folder; see `inside`."""
    with answering(PAUSE_S) as endpoint:
        disk = SmallDisk(folder, endpoint)
        try:
            yield disk
        finally:
            disk.close()


def inside(module: str, *words: str) -> Outcome:
    """Run a module of ours with a folder, which holds a small disk, and words; its outcome.

    Raises MissingProgramError, subprocess.CalledProcessError.
    """
    with tempfile.TemporaryDirectory(prefix="genebank-disk-") as folder:
        disk = Path(folder, DISK)
        disk.mkdir()
        mount = ["sh", "-c", MOUNT_AND, str(DISK_MB), str(disk)]
        command = [*_unshare(), *mount, sys.executable, "-m", module, folder, *words]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Outcome(**json.loads(said.splitlines()[-1]))


def _unshare() -> list[str]:
    program = shutil.which("unshare")
    if program is None:
        raise MissingProgramError("There is no unshare (Debian: apt-get install util-linux).")
    words = [program, "--user", "--map-root-user", "--mount"]
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)
    if tried.returncode:
        raise MissingProgramError(
            "This kernel gives ordinary processes no user namespaces, in which a disk can be full."
        )
    return words
