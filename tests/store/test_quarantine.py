import pytest

from app.errors import ConflictError, NotFoundError
from app.store import jobs, quarantine
from app.store.database import Database
from tests.store.making import make_due


def test_a_quarantine_is_lifted_once_and_faults_are_forgotten(database: Database) -> None:
    with database.write() as session:
        job, _ = jobs.submit(session, "tree", None, ["p"])
        for _ in range(jobs.MOST_MODEL_FAULTS):
            make_due(session, job.id)
            claimed = jobs.claim(session, "somebody", 60.0)
            assert claimed is not None
            jobs.fault(session, claimed, "out_of_memory", "It took too much.")
        assert jobs.get(session, job.id).state == "quarantined"
        assert jobs.submit(session, "tree", None, ["p"]) == (jobs.get(session, job.id), False)
        lifted = quarantine.lift(session, job.id)
        assert (lifted.state, lifted.model_faults, lifted.error_code) == ("queued", 0, None)
        claimed = jobs.claim(session, "somebody", 60.0)
        assert claimed is not None
        assert claimed.id == job.id
        with pytest.raises(ConflictError, match="not_quarantined"):
            quarantine.lift(session, job.id)
        with pytest.raises(NotFoundError):
            quarantine.lift(session, "job_x")
