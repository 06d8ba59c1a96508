"""Many rows of fixed length as one numpy array: by COPY on PostgreSQL, by rows on SQLite.

An ORM makes objects of a million rows in half a minute; PostgreSQL's binary COPY sends them as
bytes of one shape, and numpy reads those in place.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.store.raw_copy import raw_copy

Rows = npt.NDArray[np.void]

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER_BYTES = len(SIGNATURE) + 8
TRAILER_BYTES = 2
_NUMBER = np.dtype([("number", np.int64)])


def copied(session: Session, query: Select[*tuple[Any, ...]], row: np.dtype[np.void]) -> Rows:
    """The rows of a query as a structured array, (n,); columns in the order of the fields.

    Integers are INTEGER columns; arrays of numbers lie as bytes in BLOB or BYTEA columns, all
    of the same length. Raises ValueError where a column has another length than its field.
    """
    if session.get_bind().dialect.name == "postgresql":
        return _of_copy(_copy(session, query), row)
    return _of_tuples(session.execute(query), row)


def copied_numbers(session: Session, query: Select[int]) -> npt.NDArray[np.int64]:
    """The INTEGER column of a query, (n,), rising."""
    return np.sort(copied(session, query, _NUMBER)["number"])


def _copy(session: Session, query: Select[*tuple[Any, ...]]) -> bytes:
    """What COPY answers."""
    made = query.compile(session.connection(), compile_kwargs={"render_postcompile": True})
    with raw_copy(session, f"COPY ({made}) TO STDOUT (FORMAT BINARY)", made.params) as answer:
        return b"".join(answer)


def _of_copy(answer: bytes, row: np.dtype[np.void]) -> Rows:
    """Each row: its number of fields, then each field's length before its bytes."""
    fields: list[tuple[str, Any]] = [("", ">i2")]
    names = list(row.names or ())
    for name in names:
        kind = row[name]
        stored = np.dtype(">i4") if kind == np.int64 else kind
        fields += [(f"length of {name}", ">i4"), (name, stored)]
    wire = np.dtype(fields)
    length = len(answer) - HEADER_BYTES - TRAILER_BYTES
    if length % wire.itemsize:
        raise ValueError(f"rows of {wire.itemsize} bytes do not make {length}")
    sent = np.frombuffer(answer, wire, length // wire.itemsize, HEADER_BYTES)
    rows = np.empty(len(sent), row)
    for name in names:
        if (sent[f"length of {name}"] != wire[name].itemsize).any():
            raise ValueError(f"a {name} has another length than {wire[name].itemsize} bytes")
        rows[name] = sent[name]
    return rows


def _of_tuples(found: Iterable[Any], row: np.dtype[np.void]) -> Rows:
    """Rows of the driver: bytes are what they hold."""
    names = list(row.names or ())
    tuples = list(found)
    rows = np.empty(len(tuples), row)
    for place, name in enumerate(names):
        column = [values[place] for values in tuples]
        if row[name] == np.int64:
            rows[name] = column
            continue
        if any(len(value) != row[name].itemsize for value in column):
            raise ValueError(f"a {name} has another length than {row[name].itemsize} bytes")
        base, shape = row[name].subdtype or (row[name], ())
        rows[name] = np.frombuffer(b"".join(column), base).reshape(len(column), *shape)
    return rows
