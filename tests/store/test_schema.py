"""The schema: one line of revisions, safe to run at once, equal to what the code declares."""

from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from app.errors import SetupError
from app.store import schema
from app.store.database import Database
from app.store.rows import Row
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
