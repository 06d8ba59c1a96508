"""Reading rows whose column holds one of many values: statements that are made once.

On PostgreSQL the values are one parameter, whatever their number. `IN` has a parameter a value:
another statement for each number of values, which neither SQLAlchemy nor the server can keep
ready, and at most 65,535 of them. Run on the connection, beside the session's objects: making
and running such a statement through the session takes thrice as long as the server does.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

VALUES = "values"

Many = Mapping[str, Select[*tuple[Any, ...]]]


def by_many(query: Select[*tuple[Any, ...]], column: ColumnElement[Any]) -> Many:
    """A query for the rows whose column holds one of `values`, by dialect."""
    array = bindparam(VALUES, type_=ARRAY(column.type))
    return {
        "postgresql": query.where(column == any_(array)),
        "sqlite": query.where(column.in_(bindparam(VALUES, expanding=True))),
    }


def read_many(
    session: Session, queries: Many, values: Collection[Any], **more: Any
) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of a query, in its order; `more` are its other parameters."""
    query = queries[session.get_bind().dialect.name]
    parameters = {VALUES: list(values), **more}
    return session.connection().execute(query, parameters).all()
