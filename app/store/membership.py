"""Whether a column holds one of many values: on PostgreSQL one parameter, whatever their number.

`IN` has a parameter a value: another statement for each number of values, which neither
SQLAlchemy nor the server can keep ready, and at most 65,535 of them.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session


def one_of(
    session: Session, column: InstrumentedAttribute[Any], values: Iterable[Any]
) -> ColumnElement[bool]:
    """The condition that a column holds one of some values."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(literal(list(values), ARRAY(column.type)))
    return column.in_(list(values))
