"""PostgreSQL's COPY by its driver: SQLAlchemy has none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from app.store.driver import driver_cursor


@contextmanager
def raw_copy(
    session: Session, statement: str, values: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """A COPY in a session's transaction, to be read from or written to: what psycopg calls Copy.

    COPY takes no parameters: the driver writes `values` into the statement. Raises what
    `driver_cursor` does.
    """
    with (
        driver_cursor(session.connection(), statement) as cursor,
        cursor.copy(statement, values) as copy,
    ):
        yield copy
