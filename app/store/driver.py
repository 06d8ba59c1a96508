"""PostgreSQL's driver itself, for what SQLAlchemy has no word for or takes too long over."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@contextmanager
def driver_cursor(connection: Connection, statement: str, *, binary: bool = False) -> Iterator[Any]:
    """A cursor of psycopg's in a connection's transaction, to run `statement` with.

    Raises DBAPIError, or IntegrityError and the like, as a statement of SQLAlchemy's own does.
    With `binary` values come as the server holds them.
    """
    driver: Any = connection.connection.driver_connection
    errors: Any = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor(binary=binary) as cursor:
            yield cursor
    except errors as error:
        is_lost = driver.closed
        if is_lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, errors, connection_invalidated=is_lost
        ) from error
