"""Jobs are watched until all have ended, with few requests however many they are."""

import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.cli.client import Client

Job = Mapping[str, Any]
ENDED = frozenset({"succeeded", "failed", "cancelled", "quarantined"})
# One job is waited for; the others are looked at every so often, about 20 of them a second.
LOOKS_PER_SECOND = 20
LONGEST_WAIT = 30


def follow(client: "Client", jobs: list[Job], show: Callable[[Job], None]) -> list[Job]:
    """Return the jobs in their order when all have ended; `show` gets every change."""
    latest = {job["id"]: job for job in jobs}
    for job in latest.values():
        show(job)
    looked = time.monotonic()
    while pending := [job for job in latest.values() if not has_ended(job)]:
        pause = min(max(1, math.ceil(len(pending) / LOOKS_PER_SECOND)), LONGEST_WAIT)
        first, *others = sorted(pending, key=lambda job: job["state"] == "queued")
        changed = [_look(client, first, wait=pause)]
        if time.monotonic() - looked >= pause or has_ended(changed[0]):
            changed += [_look(client, job, wait=0) for job in others]
            looked = time.monotonic()
        for job in changed:
            latest[job["id"]] = job
            show(job)
    return list(latest.values())


def has_ended(job: Job) -> bool:
    """Whether nothing more will happen to a job."""
    return job["state"] in ENDED


def _look(client: "Client", job: Job, wait: int) -> Job:
    found: Job = client.get(f"/v1/jobs/{job['id']}", wait=wait, version=job["version"]).data
    return found
