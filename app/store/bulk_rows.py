"""Many rows at once: into a table, by COPY on PostgreSQL and by one statement on SQLite, and out
of one by many keys.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
    any_,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from app.store.raw_copy import raw_copy

# What PostgreSQL calls the types of our columns: its binary COPY guesses nothing. JSON is sent as
# the text that it is.
TYPES = ((JSON, "text"), (Integer, "int4"), (Float, "float8"), (LargeBinary, "bytea"))


def among(session: Session, column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """That a column holds one of thousands of texts, which are sent as one parameter."""
    if session.get_bind().dialect.name == "postgresql":
        return cast("ColumnElement[bool]", column == any_(literal(list(values), ARRAY(String))))
    listed = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return cast("ColumnElement[bool]", column.in_(select(listed.c.value)))


def insert_rows(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows, values in the order of `columns`; the others get no default.

    Raises IntegrityError as an insert does.
    """
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, columns, rows)
    else:
        session.execute(insert(table), [dict(zip(columns, row, strict=True)) for row in rows])


def _copy(
    session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    quoted = session.connection().dialect.identifier_preparer.quote
    names = ", ".join(quoted(name) for name in columns)
    statement = f"COPY {quoted(table.name)} ({names}) FROM STDIN (FORMAT BINARY)"
    with raw_copy(session, statement) as copy:
        copy.set_types([_type(table, name) for name in columns])
        for row in _written(table, columns, rows):
            copy.write_row(row)


def _written(
    table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Iterable[tuple[Any, ...]]:
    """Rows with the values of JSON columns as text."""
    places = [n for n, name in enumerate(columns) if isinstance(table.columns[name].type, JSON)]
    if not places:
        return rows
    return (_as_text(list(row), places) for row in rows)


def _as_text(row: list[Any], places: Sequence[int]) -> tuple[Any, ...]:
    for place in places:
        row[place] = orjson.dumps(row[place]).decode()
    return tuple(row)


def _type(table: Table, name: str) -> str:
    kind = table.columns[name].type
    return next((called for known, called in TYPES if isinstance(kind, known)), "text")
