"""Lineage files: what somebody knows of the descent of some models, one model a line.

Tab-separated, with a header: model, base, parent, relation, released, and series where wanted.
An empty field is not known; several parents (of a merge) are joined by a comma.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from app.errors import InputError
from app.records import check_label, is_date

REQUIRED = ("model", "base")
COLUMNS = (*REQUIRED, "parent", "relation", "released", "series")
# What stands for a base but is none: such models take no part.
NO_BASE = frozenset({"", "unknown", "ensemble", "adversarial"})
COPY = "copy"
FOUNDER = "founder"


@dataclass(frozen=True)
class LineageRow:
    """One line: a model, and what is known of where it comes from; empty is not known.

    `series` is the column of that name: without it, a series is read off the base.
    """

    model: str
    base: str = ""
    parents: tuple[str, ...] = ()
    relation: str = ""
    released: str = ""
    series: str = ""

    @property
    def has_base(self) -> bool:
        """Whether its base is known, so that it can take part."""
        return self.base.lower() not in NO_BASE


def parse_lineage(data: bytes) -> tuple[LineageRow, ...]:
    """Read a lineage file, in the order of its lines; InputError `bad_lineage` names the line."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        _bad(f"it is not UTF-8 (byte {error.start})")
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not numbered:
        _bad("it is empty")
    columns = _columns(*numbered[0])
    found: dict[str, int] = {}
    rows = []
    for number, line in numbered[1:]:
        row = _row(number, line, columns)
        if row.model in found:
            _bad(f"model {row.model!r} stands on lines {found[row.model]} and {number}")
        found[row.model] = number
        rows.append(row)
    _refuse_cycles(rows, found)
    return tuple(rows)


def _columns(number: int, line: str) -> list[str]:
    columns = [name.strip().lower() for name in line.split("\t")]
    unknown = [name for name in columns if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in columns]
    if unknown or missing or len(set(columns)) < len(columns):
        wrong = f"it lacks {_listed(missing)}" if missing else f"it has {_listed(columns)}"
        if unknown:
            wrong = f"{_listed(unknown)} is none of them"
        _bad(
            f"line {number} must name its columns, separated by tabs and each once, out of "
            f"{', '.join(COLUMNS)}: {wrong}"
        )
    return columns


def _row(number: int, line: str, columns: Sequence[str]) -> LineageRow:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) > len(columns) or len(fields) < min(2, len(columns)):
        _bad(f"line {number} has {len(fields)} fields between tabs, not {len(columns)}")
    # Editors strip tabs at the end of a line: what is missing there is empty.
    row = dict(zip(columns, fields, strict=False))
    try:
        model = check_label(row["model"])
    except InputError as error:
        raise InputError("bad_lineage", f"Line {number}: {error.detail}") from error
    released = row.get("released", "")
    if released and not is_date(released):
        _bad(f'"released" on line {number} must be a date, YYYY-MM or YYYY-MM-DD')
    base = row.get("base", "")
    return LineageRow(
        model=model,
        base=base,
        parents=_parents(row.get("parent", ""), model, base),
        relation=row.get("relation", "").lower(),
        released=released,
        series=row.get("series", "").lower(),
    )


def _parents(field: str, model: str, base: str) -> tuple[str, ...]:
    """The parents of a model; one that is its own base (an API's own model) has no parent."""
    named = dict.fromkeys(filter(None, (part.strip() for part in field.split(","))))
    return tuple(name for name in named if not (name == model == base))


def _refuse_cycles(rows: Iterable[LineageRow], lines: Mapping[str, int]) -> None:
    """InputError when a model descends from itself, naming the way round."""
    parents = {row.model: row.parents for row in rows}
    finished: set[str] = set()
    for start in parents:
        path: dict[str, None] = {}
        waiting = [(start, False)]
        while waiting:
            model, is_left = waiting.pop()
            if is_left:
                del path[model]
                finished.add(model)
            elif model in path:
                _bad(_round(list(path), model, lines))
            elif model in parents and model not in finished:
                path[model] = None
                waiting.append((model, True))
                waiting.extend((parent, False) for parent in parents[model])


def _round(path: list[str], model: str, lines: Mapping[str, int]) -> str:
    cycle = path[path.index(model) :]
    numbers = ", ".join(str(lines[name]) for name in cycle[:10])
    shown = " from ".join(repr(name) for name in [*cycle[:10], model])
    return f"its parents go round in a circle (lines {numbers}): {shown}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:10])


def _bad(why: str) -> NoReturn:
    raise InputError("bad_lineage", f"This is no lineage file: {why}.")
