"""Jobs: list them, wait for one, watch one, cancel one."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.api import watching
from app.api.dependencies import JobId, Reading, Running, Writing
from app.api.paging import Page, Paging
from app.api.problems import documented
from app.api.schemas import Job
from app.api.views import jobs_shown
from app.records import JobRecord, JobState
from app.store import jobs

router = APIRouter(tags=["jobs"])


@router.get("/v1/jobs", responses=documented(404))
def list_jobs(session: Reading, paging: Paging, state: JobState | None = None) -> Page[Job]:
    """List jobs, newest first."""
    rows, following = paging.cut(f"jobs {state}", partial(jobs.page, session, state))
    return Page(data=jobs_shown(session, rows), next_cursor=following)


@router.get("/v1/jobs/{job_id}", responses=documented(404))
async def read_job(
    response: Response,
    runtime: Running,
    job_id: JobId,
    wait: Annotated[
        int, Query(ge=0, le=30, description="Seconds to wait for the job to end or change.")
    ] = 0,
    version: Annotated[
        int | None, Query(ge=0, description="Answer when the job is beyond this version.")
    ] = None,
) -> Job:
    """One job; with `wait`, when it has ended, or is beyond `version`, or the time is up."""
    job = await watching.wait_for(runtime.database, job_id, wait, version)
    if not job.is_terminal:
        response.headers["Retry-After"] = "1"
    return await watching.show(runtime.database, job)


async def _existing(runtime: Running, job_id: JobId) -> JobRecord:
    """Looked up before the stream begins: after that there is no way to say 404."""
    return await watching.look(runtime.database, job_id)


@router.get(
    "/v1/jobs/{job_id}/events",
    response_class=EventSourceResponse,
    response_description="One event a change: its id is the job's version, its name the new "
    "state or `progress`, its data the job. Ends when the job has ended.",
    responses=documented(404),
)
async def watch_job(
    runtime: Running,
    job: Annotated[JobRecord, Depends(_existing)],
    last_event_id: Annotated[
        int, Header(ge=0, description="Leave out what came before this event.")
    ] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Watch a job by server-sent events."""
    state = None
    async for seen in watching.changes(runtime.database, job.id, last_event_id):
        yield ServerSentEvent(
            id=str(seen.version),
            event="progress" if seen.state == state else seen.state,
            data=await watching.show(runtime.database, seen),
        )
        state = seen.state


@router.delete("/v1/jobs/{job_id}", status_code=202, responses=documented(404, 409))
def cancel_job(session: Writing, job_id: JobId) -> Job:
    """Cancel a job: at once when it waits, soon when it runs; 409 when it has ended."""
    return jobs_shown(session, [jobs.cancel(session, job_id)])[0]
