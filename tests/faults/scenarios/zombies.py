"""A worker that sleeps through its lease, and wakes: whatever it then writes is refused.

A few are real workers, stopped and continued. The others are claims whose lease is moved into the
past, half of them claimed by somebody else meanwhile, which then try all that a worker may write.
"""

import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import update

from app.records import JobRecord, ModelRef
from app.store import jobs, models
from app.store.clock import db_now
from app.store.database import Session
from app.store.rows import JobRow
from tests.faults.ledger import Written, written
from tests.faults.load import Load, clients
from tests.faults.outcome import Outcome
from tests.faults.processes import Program
from tests.faults.stack import LEASE_S, N_PROBES, Stack, few_probes, wait_for
from tests.faults.verdict import judge

# No worker of the stack serves it.
QUEUE = "large"
# An answer takes so long that a worker can be stopped while it waits for one.
SLOW_S = 0.4
# One worker alone keeps up.
PAUSE_S = 4.0
SLEEPERS = 3
WRITES_A_SLEEPER = 10

Write = Callable[[Session, JobRecord], object]
WRITES: Sequence[Write] = (
    lambda session, job: jobs.renew(session, job, 60.0),
    lambda session, job: jobs.progress(session, job, stage="answer", done=1, total=2),
    lambda session, job: jobs.checkpoint(session, job, (job.protocols[0], 0), b"late"),
    jobs.succeed,
    lambda session, job: jobs.fail(session, job, "late", "It comes too late."),
    lambda session, job: jobs.fault(session, job, "late", "It comes too late."),
    lambda session, job: jobs.delay(session, job, "late", "It comes too late.", 1.0),
    jobs.release,
    jobs.cancelled,
)


def run(stack: Stack, rng: random.Random, times: int) -> Outcome:
    """So many late writes; see that none is taken."""
    slept, broken = 0, []
    stack.endpoint.pause_s = SLOW_S
    with clients(stack, "zombies", number=1, pause_s=PAUSE_S) as load:
        for _ in range(min(SLEEPERS, 1 + times // WRITES_A_SLEEPER)):
            slept += _oversleep(stack, load, rng)
    refused = sum(_is_refused(stack, rng.choice(WRITES), n) for n in range(times))
    if refused < times:
        broken.append(f"{times - refused} of {times} late writes were taken")
    # The second is what a sleeper says whose session was ended, since it stood in a write.
    said = stack.log.read_text()
    logged = said.count("lease lost") + said.count("is no longer leased")
    if logged < slept:
        broken.append(f"{slept} workers overslept, {logged} noticed")
    outcome = judge(stack, load, slept + times, broken)
    return replace(outcome, more={"late_writes": times, "refused": refused, "slept": slept})


def _oversleep(stack: Stack, load: Load, rng: random.Random) -> bool:
    """Stop a worker that has a job until somebody else has done it, then let it go on."""
    pids = {worker.pid: worker for worker in stack.workers}
    wait_for(lambda: bool(_held(stack, load, pids)), 30, "a worker to have a job")
    held = _held(stack, load, pids)
    if not held:
        return False
    job = rng.choice(held)
    sleeper = pids[job.owner_pid]
    sleeper.send(signal.SIGSTOP)
    try:
        wait_for(lambda: _now(stack, job).is_over, 90, "another worker to do a sleeper's job")
    finally:
        sleeper.send(signal.SIGCONT)
    before = _now(stack, job)
    time.sleep(LEASE_S / 2)
    if _now(stack, job) != before:
        raise AssertionError(f"a sleeper changed {before} to {_now(stack, job)}")
    return before.lease_losses > 0


def _held(stack: Stack, load: Load, pids: dict[int, Program]) -> list[Written]:
    """Jobs that have just begun, and their workers are of the stack."""
    return [
        one
        for one in written(stack.database, load.name)
        if one.state == "running" and one.owner_pid in pids and one.done < N_PROBES / 2
    ]


def _now(stack: Stack, job: Written) -> Written:
    found = written(stack.database, job.ref.partition("/")[2])
    return next(one for one in found if one.job_id == job.job_id)


def _is_refused(stack: Stack, write: Write, number: int) -> bool:
    """Claim a job, have the lease run out, and write."""
    with stack.database.write() as session:
        model = models.register(session, ModelRef("import", f"late-{number}", f"{number:016x}"))
        jobs.submit(session, "extract", model.id, [few_probes().digest], queue=QUEUE)
        job = jobs.claim(session, "sleeper", LEASE_S, [QUEUE])
        assert job is not None
        session.execute(
            update(JobRow).where(JobRow.id == job.id).values(lease_until=db_now() - 1.0)
        )
    if number % 2:
        with stack.database.write() as session:
            jobs.reconcile(session)
            jobs.claim(session, "second", 60.0, [QUEUE])
    refused = False
    try:
        with stack.database.write() as session:
            write(session, job)
    except jobs.FenceError:
        refused = True
    _forget(stack, job)
    return refused


def _forget(stack: Stack, job: JobRecord) -> None:
    """End a job that is of no more use, whoever holds it."""
    with stack.database.write() as session:
        jobs.cancel(session, job.id)
        session.execute(update(JobRow).where(JobRow.id == job.id).values(lease_until=db_now() - 1))
        jobs.reconcile(session)
