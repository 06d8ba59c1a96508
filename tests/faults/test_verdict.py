"""A harness that finds nothing wrong must be able to."""

from dataclasses import replace

from tests.faults.ledger import Written
from tests.faults.outcome import Outcome
from tests.faults.verdict import doubled_jobs, lost_jobs

WELL = Written("job_1", "endpoint:grove/a", "succeeded", 0, 0, 0.5, 6, 1, 1)
OTHER = replace(WELL, job_id="job_2", ref="endpoint:grove/b")


def test_what_ended_well_is_not_lost() -> None:
    found = [WELL, OTHER]
    assert lost_jobs({WELL.ref: "job_1"}, found) == []
    assert doubled_jobs(found) == []


def test_what_is_gone_or_ended_badly_is_lost() -> None:
    accepted = {WELL.ref: "job_1", OTHER.ref: "job_2"}
    assert len(lost_jobs(accepted, [WELL])) == 1
    for bad in ({"state": "failed"}, {"state": "queued"}, {"entries": 0}):
        assert len(lost_jobs(accepted, [WELL, replace(OTHER, **bad)])) == 1
        # Whoever handed it in got no answer, but it was kept.
        assert len(lost_jobs({WELL.ref: "job_1"}, [WELL, replace(OTHER, **bad)])) == 1


def test_two_jobs_or_two_entries_of_a_model_are_doubled() -> None:
    assert len(doubled_jobs([WELL, replace(WELL, job_id="job_3"), OTHER])) == 2
    assert len(doubled_jobs([WELL, replace(OTHER, entries=2)])) == 1


def test_an_outcome_holds_when_nothing_is_wrong() -> None:
    fine = Outcome("s", 1, 1, 0, 0, 0.1)
    assert fine.holds
    for wrong in ({"lost": 1}, {"doubled": 1}, {"broken": ("fsck: it is",)}):
        assert not replace(fine, **wrong).holds
