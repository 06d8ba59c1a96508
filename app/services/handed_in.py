"""Files of answers or vectors that somebody hands in: read line by line, checked before use."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

import numpy as np

from app.dna.strand import Response
from app.errors import InputError
from app.records import Claim, check_label

MAX_LINE = 64 << 20
LARGEST = 1e30  # so that sums and projections of such numbers are float32 too
SURROGATE = re.compile("[\ud800-\udfff]")
RELEASED = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
REQUIRED = {"answers": {"model", "answers"}, "vector": {"model", "vector"}}
OPTIONAL = {"released", "declared_base"}


@dataclass(frozen=True)
class HandedIn:
    """One model of a file: its label, its responses in probe order, and claims about it."""

    label: str
    responses: tuple[Response, ...]
    claims: tuple[Claim, ...]


def kind_of(path: Path) -> str:
    """Return `answers` or `vector`, by the keys of the file's first line."""
    number, line = next(_lines(path))
    return "vector" if "vector" in _object(number, line) else "answers"


def vector_size(path: Path) -> int:
    """Numbers in the first vector of a file, which all others must have too."""
    number, line = next(_lines(path))
    vector = _object(number, line).get("vector")
    if not isinstance(vector, list):
        _bad(number, '"vector" must be a list of numbers')
    return len(vector)


def read(path: Path, kind: str, size: int) -> Iterator[HandedIn]:
    """Yield the models of a file; each has `size` answers, or a vector of `size` numbers.

    Raises InputError `bad_line`, naming the line and what to mend; `unreadable_file`;
    `empty_file`.
    """
    labels: set[str] = set()
    for number, line in _lines(path):
        handed_in = _model(number, _object(number, line), kind, size)
        if handed_in.label in labels:
            _bad(number, f"model {handed_in.label!r} stands in the file twice")
        labels.add(handed_in.label)
        yield handed_in


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a file, gzip or not; what cannot be read is an InputError."""
    number = 0
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                number += 1
                if len(line) == MAX_LINE:
                    _bad(number, f"it is longer than {MAX_LINE >> 20} MiB")
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            "unreadable_file", f"{path} cannot be read beyond line {number}: {error}."
        ) from error
    if not number:
        raise InputError("empty_file", f"{path} holds no line.")


def _object(number: int, line: bytes) -> dict[str, Any]:
    if not line.strip():
        _bad(number, "it is empty; a model is missing, or a line too many")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        _bad(number, f"it is not JSON ({error})")
    if not isinstance(data, dict):
        _bad(number, "it must be a JSON object")
    return data


def _model(number: int, data: dict[str, Any], kind: str, size: int) -> HandedIn:
    missing = REQUIRED[kind] - set(data)
    unknown = set(data) - REQUIRED[kind] - OPTIONAL
    if missing or unknown:
        _bad(number, f"its keys are wrong: missing {sorted(missing)}, unknown {sorted(unknown)}")
    label = _label(number, data["model"])
    values = data["answers" if kind == "answers" else "vector"]
    if not isinstance(values, list):
        _bad(number, f"the {kind} of {label!r} must be a list")
    if len(values) != size:
        _bad(number, f"model {label!r} has {len(values)} of {size}: none may be left out")
    responses = _answers(number, values) if kind == "answers" else (_vector(number, values),)
    return HandedIn(label, responses, _claims(number, data))


def _answers(number: int, values: list[Any]) -> tuple[str, ...]:
    for place, value in enumerate(values, 1):
        if not isinstance(value, str):
            _bad(number, f"answer {place} must be a string")
        if SURROGATE.search(value):
            _bad(number, f"answer {place} is not valid Unicode (a lone surrogate)")
    return tuple(values)


def _vector(number: int, values: list[Any]) -> tuple[float, ...]:
    for place, value in enumerate(values, 1):
        if not isinstance(value, int | float) or isinstance(value, bool):
            _bad(number, f"number {place} of the vector is no number")
        if not abs(value) <= LARGEST:  # also false for NaN
            _bad(number, f"number {place} of the vector is not within 1e30 of zero")
    if not np.asarray(values, dtype=np.float32).any():
        _bad(number, "the vector is zero everywhere: it says nothing")
    return tuple(map(float, values))


def _label(number: int, label: object) -> str:
    if not isinstance(label, str):
        _bad(number, "a model's label must be a string")
    try:
        return check_label(label)
    except InputError as error:
        _bad(number, error.detail)


def _claims(number: int, data: dict[str, Any]) -> tuple[Claim, ...]:
    claims = []
    released, base = data.get("released"), data.get("declared_base")
    if released is not None:
        if not _is_date(released):
            _bad(number, '"released" must be a date, YYYY-MM or YYYY-MM-DD')
        claims.append(Claim("released", released, "import"))
    if base is not None:
        claims.append(Claim("declared_base", _label(number, base), "import"))
    return tuple(claims)


def _is_date(value: object) -> TypeGuard[str]:
    if not isinstance(value, str) or not RELEASED.fullmatch(value):
        return False
    try:
        date.fromisoformat(f"{value}-01"[:10])
    except ValueError:
        return False
    return True


def _bad(number: int, why: str) -> NoReturn:
    raise InputError("bad_line", f"Line {number}: {why}.")
