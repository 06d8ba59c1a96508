"""Statements that are made once and sent as they are: those that every search asks.

SQLAlchemy finds a statement again, binds it and wraps what it answers, each time: that takes as
long as PostgreSQL's own work on it. So there it only writes the text, once, and the driver sends
it; rows come as the driver reads them, which knows how columns of JSON are decoded, and strands
as the bytes that they are. On SQLite, which does not wait for a network, it runs them itself.

Many values are one parameter, whatever their number: `IN` has a parameter a value, another
statement for each number of them, which nobody can keep ready, and at most 65,535.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, any_, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.store.driver import driver_cursor

VALUES = "values"

Query = Select[*tuple[Any, ...]]
Rows = Sequence[Row[*tuple[Any, ...]]] | Sequence[tuple[Any, ...]]


class Ready:
    """A query of plain columns, with its parameters' names.

    It runs beside the session's objects: what the session holds must be flushed before.
    """

    def __init__(self, query: Query, among: ColumnElement[Any] | None = None) -> None:
        """With `among` only rows whose column holds one of the values that `many` is given."""
        self._of_sqlite = self._of_postgresql = query
        if among is not None:
            array = bindparam(VALUES, type_=postgresql.ARRAY(among.type))
            self._of_postgresql = query.where(among == any_(array))
            self._of_sqlite = query.where(among.in_(bindparam(VALUES, expanding=True)))
        self._text: str | None = None

    def rows(self, session: Session, **parameters: Any) -> Rows:
        """All rows, in the query's order."""
        connection = session.connection()
        if connection.dialect.name != "postgresql":
            return connection.execute(self._of_sqlite, parameters).all()
        text = self._written(connection)
        with driver_cursor(connection, text, binary=True) as cursor:
            cursor.execute(text, parameters)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

    def many(self, session: Session, values: Collection[Any], **parameters: Any) -> Rows:
        """The rows of one of some values; of none none, without a statement."""
        return self.rows(session, **{VALUES: list(values)}, **parameters) if values else []

    def _written(self, connection: Connection) -> str:
        if self._text is None:
            self._text = str(self._of_postgresql.compile(connection))
        return self._text
