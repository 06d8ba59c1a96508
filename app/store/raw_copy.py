"""PostgreSQL's COPY by its driver: SQLAlchemy has none. What goes wrong is told as it tells it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


@contextmanager
def raw_copy(
    session: Session, statement: str, values: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """A COPY in a session's transaction, to be read from or written to: what psycopg calls Copy.

    COPY takes no parameters: the driver writes `values` into the statement. Raises DBAPIError, or
    IntegrityError and the like, as a statement of SQLAlchemy's own does.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement, values) as copy:
            yield copy
    except errors as error:
        is_lost = driver.closed
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, errors, connection_invalidated=is_lost
        ) from error
