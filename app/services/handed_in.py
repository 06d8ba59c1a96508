"""Files of answers or vectors that somebody hands in: read one by one, checked before use."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from app.dna.strand import Response
from app.errors import InputError
from app.records import Claim, is_date
from app.services.handed_in_values import Bad, answers, json_object, label, vector
from app.services.labels import Labels
from app.services.parquet.columns import is_parquet, needing_pyarrow

MAX_LINE = 64 << 20
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
    _, data = next(_objects(path))
    return "vector" if "vector" in data else "answers"


def vector_size(path: Path) -> int:
    """Numbers in the first vector of a file, which all others must have too."""
    bad, data = next(_objects(path))
    values = data.get("vector")
    if not isinstance(values, list):
        bad('"vector" must be a list of numbers')
    return len(values)


def read(path: Path, kind: str, size: int) -> Iterator[HandedIn]:
    """Yield the models of a file; each has `size` answers, or a vector of `size` numbers.

    Raises InputError `bad_line`, naming the line or row and what to mend, at the end of the file
    where a label stands in it twice; `unreadable_file`; `empty_file`; SetupError `parquet_missing`.
    """
    labels = Labels()
    for bad, data in _objects(path):
        handed_in = _model(data, kind, size, bad)
        labels.add(handed_in.label)
        yield handed_in
    if repeated := labels.repeated():
        _name_repeated(path, repeated)


def _name_repeated(path: Path, hashes: frozenset[int]) -> None:
    """Raise InputError for the first label that stands in the file twice, of these hashes."""
    seen: set[str] = set()
    for bad, data in _objects(path):
        name = label(data["model"], bad)
        if name in seen:
            bad(f"model {name!r} stands in the file twice")
        if hash(name) in hashes:
            seen.add(name)


def _objects(path: Path) -> Iterator[tuple[Bad, dict[str, Any]]]:
    """What each line of a file says, or each row of Parquet, and what complains of it."""
    if is_parquet(path):
        with needing_pyarrow():
            from app.services.parquet.reading import rows
        for number, row in enumerate(rows(path), 1):
            yield _complaining(f"Row {number}"), row
        return
    for number, line in numbered_lines(path):
        bad = bad_line(number)
        if not line.strip():
            bad("it is empty; a model is missing, or a line too many")
        yield bad, json_object(line, bad)


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The numbered lines of a file, gzip or not; what cannot be read is an InputError."""
    number = 0
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                number += 1
                if len(line) == MAX_LINE:
                    bad_line(number)(f"it is longer than {MAX_LINE >> 20} MiB")
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            "unreadable_file", f"{path} cannot be read beyond line {number}: {error}."
        ) from error
    if not number:
        raise InputError("empty_file", f"{path} holds no line.")


def _model(data: dict[str, Any], kind: str, size: int, bad: Bad) -> HandedIn:
    if data.keys() != REQUIRED[kind]:
        missing = REQUIRED[kind] - data.keys()
        unknown = data.keys() - REQUIRED[kind] - OPTIONAL
        if missing or unknown:
            bad(f"its keys are wrong: missing {sorted(missing)}, unknown {sorted(unknown)}")
    name = label(data["model"], bad)
    values = data["answers" if kind == "answers" else "vector"]
    if not isinstance(values, list):
        bad(f"the {kind} of {name!r} must be a list")
    if len(values) != size:
        bad(f"model {name!r} has {len(values)} of {size}: none may be left out")
    responses = answers(values, bad) if kind == "answers" else (vector(values, bad),)
    return HandedIn(name, responses, _claims(data, bad))


def _claims(data: dict[str, Any], bad: Bad) -> tuple[Claim, ...]:
    claims = []
    released, base = data.get("released"), data.get("declared_base")
    if released is not None:
        if not is_date(released):
            bad('"released" must be a date, YYYY-MM or YYYY-MM-DD')
        claims.append(Claim("released", released, "import"))
    if base is not None:
        claims.append(Claim("declared_base", label(base, bad), "import"))
    return tuple(claims)


def bad_line(number: int) -> Bad:
    """What complains of a line."""
    return _complaining(f"Line {number}")


def _complaining(place: str) -> Bad:
    def bad(why: str) -> NoReturn:
        raise InputError("bad_line", f"{place}: {why}.")

    return bad
