"""Files of what somebody knows of models: tab-separated, a header, one model a line.

The first column is `model`; every other column is a trait, by its name in the header. An empty
field is not known. A lineage file is one of these.
"""

from pathlib import Path
from typing import NoReturn

from app.errors import InputError
from app.evaluation.lineage_file import NO_BASE
from app.records import check_label, is_date

MODEL, RELEASED = "model", "released"
# Where families are wanted: these columns, the first that there is.
FAMILIES = ("family", "base")
MOST_BYTES = 16 << 20

Table = dict[str, dict[str, str]]


def read_traits(path: Path) -> Table:
    """Return by trait the values of models, {trait: {model: value}}, what is empty left out.

    Raises InputError `unreadable_file`, or `bad_traits` with the line that is at fault.
    """
    numbered = _lines(path)
    columns = _columns(numbered[0][1])
    table: Table = {column: {} for column in columns[1:]}
    seen: set[str] = set()
    for number, line in numbered[1:]:
        model, *values = _fields(number, line, columns)
        if model in seen:
            _bad(f"model {model!r} stands twice, the second time on line {number}")
        seen.add(model)
        for column, value in zip(columns[1:], values, strict=False):
            if value:
                table[column][model] = value
    return table


def families_of(table: Table) -> dict[str, str]:
    """The families that a table names, in a column `family` or `base`.

    What stands for a base and is none (`unknown`, `ensemble`, `adversarial`) is left out.
    Raises InputError `bad_traits`.
    """
    column = next((column for column in FAMILIES if column in table), None)
    if column is None:
        _bad(f"it has no column {' or '.join(FAMILIES)}")
    return {model: one for model, one in table[column].items() if one.lower() not in NO_BASE}


def _lines(path: Path) -> list[tuple[int, str]]:
    """The lines that are not empty, with their numbers; one at least."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > MOST_BYTES:
        _bad("it is larger than 16 MiB")
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        _bad(f"it is not UTF-8 (byte {error.start})")
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        _bad("it is empty")
    return numbered


def _columns(line: str) -> list[str]:
    columns = [name.strip().lower() for name in line.split("\t")]
    if columns[0] != MODEL or len(columns) < 2 or "" in columns:
        _bad(f"its first line must name columns between tabs: {MODEL!r}, then the traits")
    if len(set(columns)) < len(columns):
        _bad("its first line names a column twice")
    return columns


def _fields(number: int, line: str, columns: list[str]) -> list[str]:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) > len(columns):
        _bad(f"line {number} has {len(fields)} fields between tabs, not {len(columns)}")
    try:
        check_label(fields[0])
    except InputError as error:
        raise InputError("bad_traits", f"Line {number}: {error.detail}") from error
    row = dict(zip(columns, fields, strict=False))
    if row.get(RELEASED) and not is_date(row[RELEASED]):
        _bad(f'"{RELEASED}" on line {number} must be a date, YYYY-MM or YYYY-MM-DD')
    return fields


def _bad(why: str) -> NoReturn:
    raise InputError("bad_traits", f"This is no file of traits: {why}.")
