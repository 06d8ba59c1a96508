"""Numbers of a registry, and that a scrape is cheap."""

import pytest
from sqlalchemy import event

from app.measures import Family
from app.search.candidates import Candidates
from app.services.measuring import EVERY_S, SHARE, Census, measure
from app.store import entries, gauges, jobs, protocols
from app.store.database import Database
from tests.services.trees import growing
from tests.store.making import make_due, move_lease


def measured(
    database: Database, candidates: Candidates | None = None, census: Census | None = None
) -> dict[str, Family]:
    families = measure(database, candidates or Candidates(), census or Census())
    return {family.name: family for family in families}


def test_an_empty_registry_has_numbers_too(database: Database) -> None:
    found = measured(database)
    assert found["genebank_database_up"].samples == {(): 1}
    assert found["genebank_newest_entry"].samples == {(): 0}
    assert found["genebank_jobs"].samples == {}


def test_jobs_by_state_queue_and_kind(database: Database) -> None:
    with database.write() as session:
        first, _ = jobs.submit(session, "tree", None, ["a"])
        make_due(session, first.id)
        jobs.claim(session, "somebody", 60.0)
        move_lease(session, first.id, -10.0)
        jobs.reconcile(session)
        jobs.claim(session, "somebody", 60.0)
        second, _ = jobs.submit(session, "tree", None, ["b"], queue="gpu")
        make_due(session, second.id)
    found = measured(database)
    assert found["genebank_jobs"].samples == {
        ("running", "cpu", "tree"): 1,
        ("queued", "gpu", "tree"): 1,
    }
    assert found["genebank_lease_losses"].samples == {("tree",): 1}
    assert found["genebank_jobs_running"].samples == {("cpu",): 1, ("gpu",): 0}
    assert found["genebank_oldest_due_job_seconds"].samples[("gpu",)] >= 1.0


def test_lag_of_index_and_tree(database: Database) -> None:
    last = growing.plant(database)[-1]
    growing.grow(database)
    candidates = Candidates()
    assert measured(database, candidates)["genebank_index_lag"].samples == {}
    with database.read() as session:
        [protocol] = protocols.every(session)
        candidates.nearest(session, protocol, entries.dna(session, last), 1)
    name = (protocol.name,)
    found = measured(database, candidates)
    assert found["genebank_index_lag"].samples == {name: 0}
    assert found["genebank_tree_lag"].samples == {name: 0}
    assert found["genebank_reference_version"].samples == {name: 1}
    assert found["genebank_index_entries"].samples == {name: last.seq}
    assert found["genebank_index_bytes"].samples[name] > 1000


def test_a_database_that_is_away_is_told(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("away")
    (folder / "genebank.db").write_bytes(b"this is no database at all" * 100)
    database = Database(f"sqlite:///{folder / 'genebank.db'}")
    [only] = measured(database).values()
    assert (only.name, only.samples) == ("genebank_database_up", {(): 0})
    database.close()


def test_all_jobs_are_counted_a_hundredth_of_the_time_at_most(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    counts = 0

    def counting(_: object) -> list[gauges.JobsGauge]:
        nonlocal now, counts
        now += 2.0  # a table of many millions
        counts += 1
        return []

    monkeypatch.setattr(gauges, "census", counting)
    census = Census(lambda: now)
    for _ in range(1000):
        census.of(database)
        now += 1.0
    assert counts == pytest.approx(now * SHARE / 2.0, abs=2)
    assert EVERY_S > 1.0


# PostgreSQL reads small tables whole; SQLite's plans do not depend on sizes.
@pytest.mark.parametrize("shared_registry", ["sqlite"], indirect=True)
def test_a_scrape_looks_into_indexes(shared_registry: Database) -> None:
    """But for the census, no statement goes through a table that grows with models or jobs."""
    statements: list[tuple[str, tuple[object, ...]]] = []
    census = Census()
    measured(shared_registry, census=census)

    def heard(
        _c: object, _cursor: object, text: str, values: tuple[object, ...], *_: object
    ) -> None:
        statements.append((text, values))

    event.listen(shared_registry.engine, "before_cursor_execute", heard)
    measured(shared_registry, census=census)
    event.remove(shared_registry.engine, "before_cursor_execute", heard)
    assert len(statements) >= 4
    with shared_registry.engine.connect() as connection:
        for text, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()
            scans = [row[3] for row in plan if str(row[3]).startswith("SCAN")]
            assert all(scan.split()[1] in ("protocols", "workers") for scan in scans), plan
