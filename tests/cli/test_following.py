"""Jobs that a fake service moves on by one step at every look."""

import json
from collections import Counter

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.client import Client
from app.cli.following import ENDED, Job, follow

STEPS = st.lists(st.sampled_from(["queued", "running"]), max_size=4)
SCRIPTS = st.lists(st.tuples(STEPS, st.sampled_from(sorted(ENDED))), max_size=30)


class JobService:
    """Answers for jobs with what their scripts say next."""

    def __init__(self, scripts: list[list[str]]) -> None:
        self.scripts = scripts
        self.looks: Counter[str] = Counter()

    def job(self, job_id: str) -> Job:
        script = self.scripts[int(job_id)]
        version = min(self.looks[job_id], len(script) - 1)
        return {"id": job_id, "state": script[version], "version": version}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        job_id = request.url.path.removeprefix("/v1/jobs/")
        assert 0 <= int(request.url.params["wait"]) <= 30
        assert int(request.url.params["version"]) == self.job(job_id)["version"]
        self.looks[job_id] += 1
        return httpx2.Response(200, content=json.dumps(self.job(job_id)))


def client_of(service: JobService) -> Client:
    transport = httpx2.MockTransport(service)
    return Client(httpx2.Client(transport=transport, base_url="http://jobs"), is_embedded=False)


@given(SCRIPTS)
def test_every_job_is_followed_to_its_end(scripts: list[tuple[list[str], str]]) -> None:
    service = JobService([[*steps, end] for steps, end in scripts])
    begun = [service.job(str(place)) for place in range(len(scripts))]
    seen: list[Job] = []

    ended = follow(client_of(service), begun, seen.append)

    assert [job["state"] for job in ended] == [end for _, end in scripts]
    assert {job["id"] for job in seen} == {job["id"] for job in begun}
    assert all(job in seen for job in ended)


@pytest.mark.parametrize("state", sorted(ENDED))
def test_jobs_that_have_ended_are_not_asked_for(state: str) -> None:
    service = JobService([[state]])
    follow(client_of(service), [service.job("0")], lambda _: None)
    assert not service.looks
