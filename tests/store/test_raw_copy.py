"""COPY: what goes wrong there is told as it is of any other statement."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.errors import SetupError
from app.store.database import Database, Limits, Session
from app.store.raw_copy import raw_copy

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def read(session: Session) -> None:
    with raw_copy(session, "COPY (SELECT pg_sleep(%(s)s)) TO STDOUT", {"s": 2}) as copy:
        list(copy)


def write(session: Session) -> None:
    with raw_copy(session, "COPY models (id) FROM STDIN") as copy:
        copy.write_row(("mdl_1",))


@pytest.mark.parametrize("use", [read, write])
def test_a_database_that_went_away_is_told(
    database: Database, use: Callable[[Session], None]
) -> None:
    def cut_off(session: Session) -> None:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        with database.read() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
        use(session)

    for opening in (database.read, database.write):
        with pytest.raises(SetupError, match="database_unavailable"), opening() as session:
            cut_off(session)
    with database.read() as session:
        assert session.scalar(text("SELECT 1")) == 1


def test_one_that_takes_too_long_is_told(database: Database) -> None:
    url = database.url.render_as_string(hide_password=False)
    hasty = Database(url, Limits(statement_timeout_s=0.1))
    with pytest.raises(SetupError, match="database_busy"), hasty.read() as session:
        read(session)
    hasty.close()


def test_a_row_that_breaks_a_rule_is_an_integrity_error(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        write(session)
