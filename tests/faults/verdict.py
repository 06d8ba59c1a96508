"""How scenarios end: all that was accepted has ended well, once, and `fsck` finds nothing."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from app.errors import GenebankError
from tests.cli.processes import PROGRAM
from tests.faults.ledger import Written, written
from tests.faults.load import Load
from tests.faults.outcome import Outcome
from tests.faults.stack import Registry

# After the last fault all jobs end, however many wait: the next one so long after the last.
STANDSTILL_S = 60.0
LOOKS_EVERY_S = 0.2


def judge(
    stack: Registry,
    load: Load,
    faults: int,
    broken: Sequence[str] = (),
    more: Mapping[str, float] | None = None,
) -> Outcome:
    """Wait for all jobs of a load to end, then look whether everything holds."""
    stack.mend()
    late = _drain(stack, load)
    found = written(stack.database, load.name)
    lost = lost_jobs(load.accepted, found)
    doubled = doubled_jobs(found)
    findings = fsck(stack.environment)
    return Outcome(
        scenario=load.name,
        faults=faults,
        jobs=len(found),
        lost=len(lost),
        doubled=len(doubled),
        worst_delay_s=max((one.waited_s for one in found), default=0.0),
        broken=(*broken, *load.unclear[:5], *late, *lost[:5], *doubled[:5], *findings),
        more=more or {},
    )


def _drain(stack: Registry, load: Load) -> list[str]:
    """Wait until all jobs have ended, or none has for a while."""
    ended, moved = -1, time.monotonic()
    while time.monotonic() < moved + STANDSTILL_S:
        found = _found(stack, load)
        now = sum(one.is_over for one in found)
        if found and now == len(found):
            return []
        if now > ended:
            ended, moved = now, time.monotonic()
        time.sleep(LOOKS_EVERY_S)
    return [f"for {STANDSTILL_S:.0f} seconds no job of {load.name} came to an end"]


def _found(stack: Registry, load: Load) -> list[Written]:
    try:
        return written(stack.database, load.name)
    except GenebankError:
        return []


def lost_jobs(accepted: Mapping[str, str], found: Sequence[Written]) -> list[str]:
    """Accepted jobs that are not there, did not end well, or made no entry."""
    ended = {one.job_id: one for one in found}
    lost = [
        f"{job_id} of {ref} was accepted and is {ended.get(job_id, 'gone')}"
        for ref, job_id in accepted.items()
        if job_id not in ended or not _is_well(ended[job_id])
    ]
    told = set(accepted.values())
    return lost + [f"{one}" for one in found if one.job_id not in told and not _is_well(one)]


def _is_well(one: Written) -> bool:
    return one.state == "succeeded" and one.entries > 0


def doubled_jobs(found: Sequence[Written]) -> list[str]:
    """Models that have two jobs, or two entries: each was asked under one protocol."""
    jobs = Counter(one.ref for one in found)
    return [f"{one}" for one in found if jobs[one.ref] > 1 or one.entries > 1]


def fsck(environment: Mapping[str, str]) -> list[str]:
    """What `genebank fsck --all` finds."""
    done = subprocess.run(
        [PROGRAM, "fsck", "--all", "--json"],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        return [f"fsck did not look: {done.stderr.strip()}"]
    checks = json.loads(done.stdout)["checks"]
    return [f"fsck: {one['name']}: {one['examples'][:2]}" for one in checks if one["findings"]]
