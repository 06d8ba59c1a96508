"""How a try is written down that ended for reasons that are not the model's."""

import threading

import pytest

from app.dna.protocol import lexical_v1
from app.hub.client import Hub
from app.queue import WorkerConfig
from app.records import ModelRef
from app.store import jobs, models, protocols
from app.store.database import Database, Limits
from tests.registering import NO_HUB
from workers.extraction import Tools
from workers.nest import Nest
from workers.trying import see_through


# SQLite has one writer at a time.
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_database_that_was_away_does_not_put_a_job_off(
    database: Database, nest: Nest, config: WorkerConfig
) -> None:
    """Found by tests/faults: jobs waited for half a minute after each restart of PostgreSQL."""
    with database.write() as session:
        protocol = protocols.ensure(session, lexical_v1())
        model = models.register(session, ModelRef("import", "m", "0" * 16))
        jobs.submit(session, "encode", model.id, [protocol.digest])
        job = jobs.claim(session, "me", 60.0)
        assert job is not None
    url = database.url.render_as_string(hide_password=False)
    hasty = Database(url, Limits(lock_timeout_s=0.2))
    with database.write() as session:
        models.get(session, model.id, lock=True)
        see_through(Tools(hasty, config, nest, Hub(NO_HUB), threading.Event()), job)
    hasty.close()
    with database.read() as session:
        now = jobs.get(session, job.id)
        due_in = jobs.next_due_in(session)
    assert (now.state, now.error_code) == ("queued", "database_busy")
    assert (now.lease_losses, now.model_faults) == (0, 0)
    assert due_in is not None
    assert due_in < 5.0
