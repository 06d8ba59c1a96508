"""The schema: one line of revisions, safe to run at once, equal to what the code declares."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text

from app.dna.protocol import reported_vectors
from app.errors import SetupError
from app.store import entries, references, schema
from app.store.database import Database, Session
from app.store.rows import Row
from tests.store.making import add_vectors
from tests.store.threads import at_once


@pytest.fixture
def blank(database_url: str) -> Iterator[Database]:
    """An open database of each kind without tables."""
    opened = Database(database_url)
    yield opened
    opened.close()


def tables(database: Database) -> set[str]:
    with database.read() as session:
        return set(inspect(session.connection()).get_table_names())


def test_there_is_one_line_of_revisions() -> None:
    assert ScriptDirectory.from_config(schema._config()).get_heads() == [schema.head()]


def test_an_upgrade_makes_what_the_code_declares_or_nothing(blank: Database) -> None:
    with pytest.raises(SetupError, match="no_schema"):
        schema.check(blank)
    with blank.write() as session:
        session.execute(text("CREATE TABLE strands (entry_id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        schema.upgrade(blank)
    assert tables(blank) == {"strands"}
    with blank.write() as session:
        session.execute(text("DROP TABLE strands"))
    assert schema.upgrade(blank) == schema.head()
    assert schema.upgrade(blank) == schema.head()
    assert schema.check(blank) == schema.head()
    assert tables(blank) == {*Row.metadata.tables, "alembic_version"}
    with blank.read() as session:
        assert schema.drift(session.connection()) == []


def copy_what_fits(newer: Session, older: Session) -> None:
    """Copy all rows, without the columns that an older schema lacks."""
    there = inspect(older.connection())
    for table in Row.metadata.sorted_tables:
        if there.has_table(table.name):
            columns = [table.c[one["name"]] for one in there.get_columns(table.name)]
            for row in newer.execute(select(*columns)).mappings().all():
                older.execute(insert(table).values(**row))


def test_what_an_older_release_wrote_is_kept(blank: Database, tmp_path: Path) -> None:
    protocol = reported_vectors("mine", 3)
    rows = np.random.default_rng(0).normal(size=(31, 3))
    newest = Database(f"sqlite:///{tmp_path / 'newest.db'}")
    schema.upgrade(newest)
    added = add_vectors(newest, protocol, rows)
    with blank.write() as session, newest.read() as filled:
        command.upgrade(schema._config(session.connection()), "0002")
        copy_what_fits(filled, session)
    newest.close()
    mean = rows.mean(axis=0).astype("<f4")
    with blank.write() as session:
        session.execute(
            text('INSERT INTO "references" VALUES (:digest, 1, 31, :mean, 1.5)'),
            {"digest": protocol.digest, "mean": mean.tobytes()},
        )
    with pytest.raises(SetupError, match=r"old_schema: .*0002"):
        schema.check(blank)
    assert schema.upgrade(blank) == schema.head()
    with blank.read() as session:
        assert schema.drift(session.connection()) == []
        reference = references.latest(session, protocol)
        strands = entries.strands(session, protocol, added)
    assert (reference.version, reference.n_models) == (1, 31)
    assert (reference.cohort, reference.families, reference.null) == ((), (), None)
    assert np.array_equal(reference.mean[0], mean)
    assert np.array_equal(strands[:, 0], rows.astype(np.float32))


def test_many_may_upgrade_at_once(blank: Database) -> None:
    def upgrade(_: int) -> str:
        mine = Database(blank.url.render_as_string(hide_password=False))
        try:
            return schema.upgrade(mine)
        finally:
            mine.close()

    assert at_once(upgrade, 4) == [schema.head()] * 4
    assert schema.check(blank) == schema.head()


def test_a_drift_is_seen(database: Database) -> None:
    with database.read() as session:  # thrown away at its end
        session.execute(text("CREATE TABLE stranger (id INTEGER)"))
        session.execute(text("ALTER TABLE jobs DROP COLUMN stage"))
        found = str(schema.drift(session.connection()))
        assert "stranger" in found
        assert "stage" in found
        session.rollback()


def test_a_schema_of_another_program_is_said_to_be_one(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    try:
        with pytest.raises(SetupError, match=r"old_schema: .*9999"):
            schema.check(database)
    finally:
        with database.write() as session:
            session.execute(
                text("UPDATE alembic_version SET version_num = :head"), {"head": schema.head()}
            )
