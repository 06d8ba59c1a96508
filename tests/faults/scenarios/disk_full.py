"""The disk of an embedded registry fills up: a clear refusal, nothing half written.

It holds the database as well as the folders of jobs, so that both meet it.
"""

import json
import random
import sys
import time
from dataclasses import asdict
from pathlib import Path

import httpx2

from tests.faults.ledger import written
from tests.faults.load import Load, clients
from tests.faults.outcome import Outcome
from tests.faults.small_disk import SmallDisk, small_disk
from tests.faults.stack import wait_for
from tests.faults.verdict import judge
from tests.tiny_model import write_model

PAUSE_S = (0.5, 2.0)
FULL_S = (1.0, 3.0)
BACK_WITHIN_S = 60.0


def run(disk: SmallDisk, rng: random.Random, times: int) -> Outcome:
    """Fill it, leave it full for a while, make room, and go on when a model is accepted."""
    broken = []
    with clients(disk, "disk_full", number=1, pause_s=0.3) as load:
        for number in range(times):
            _hand_in_weights(disk, load, number)
            time.sleep(rng.uniform(*PAUSE_S))
            disk.fill()
            time.sleep(rng.uniform(*FULL_S))
            if not _can_read(disk):
                broken.append("a full disk kept what is there from being read")
            disk.make_room()
            _await_work(disk, load)
    faulted = [one for one in written(disk.database, load.name) if one.model_faults]
    broken += [f"a full disk counts against a model: {one}" for one in faulted[:5]]
    return judge(disk, load, times, broken, {"answers_503": load.said[503]})


def _hand_in_weights(disk: SmallDisk, load: Load, number: int) -> None:
    folder = write_model(disk.models / f"{load.name}-weights-{number}", seed=number)
    with httpx2.Client(base_url=disk.url, timeout=60) as client:
        load.hand_in(client, f"local:{folder}")


def _can_read(disk: SmallDisk) -> bool:
    return httpx2.get(f"{disk.url}/v1/models", timeout=60).status_code == 200


def _await_work(disk: SmallDisk, load: Load) -> None:
    began = time.monotonic()
    wait_for(lambda: load.accepted_at > began, BACK_WITHIN_S, "work to go on")


def main(folder: str, seed: str, times: str) -> None:
    """Play it where the disk is mounted, and print the outcome."""
    with small_disk(Path(folder)) as disk:
        outcome = run(disk, random.Random(seed), int(times))  # noqa: S311 - to be repeated
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
