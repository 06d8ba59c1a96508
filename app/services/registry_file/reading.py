"""Registry files are read line by line and checked, for they may have been edited, or cut short."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic import ValidationError as Invalid

from app.dna.protocol import Protocol, builtins
from app.dna.strand import from_bytes
from app.errors import GenebankError, InputError
from app.records import ClaimKind, Evidence, ModelRef, Source
from app.services.handed_in import bad_line, numbered_lines
from app.services.handed_in_values import Bad, json_object
from app.services.registry_file.lines import FORMAT
from app.store import protocols


def _printable(value: object) -> object:
    if isinstance(value, str) and not value.isprintable():
        raise ValueError("it holds characters that cannot be shown")
    return value


def _bytes(value: object) -> object:
    return b64decode(value, validate=True) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_printable), StringConstraints(min_length=1, max_length=4096)]
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-zA-Z_ .-]{1,128}$")]
Body = Annotated[bytes, BeforeValidator(_bytes)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class RefFields(_Strict):
    """A model's ref in its parts."""

    source: Source
    name: Text
    revision: Text

    @property
    def ref(self) -> ModelRef:
        """The ref."""
        return ModelRef(self.source, self.name, self.revision)


class ClaimFields(_Strict):
    """A claim."""

    kind: ClaimKind
    value: Text
    source: Text


class ModelLine(RefFields):
    """A model with all that is said of it."""

    digest: Digest | None
    details: dict[str, Any]
    claims: list[ClaimFields]


class ReplicateFields(_Strict):
    """What an entry's model gave when it was asked once more."""

    number: int = Field(ge=1, le=1 << 30)
    strand: Body
    environment: dict[str, Any]


class EntryLine(_Strict):
    """An entry."""

    model: RefFields
    digest: Digest
    protocol: str
    evidence: Evidence
    environment: dict[str, Any]
    notes: list[str]
    strand: Body
    responses: list[Any] | None
    replicates: list[ReplicateFields] = []


class _End(_Strict):
    models: int
    entries: int


Line = Protocol | ModelLine | EntryLine
T = TypeVar("T", bound=_Strict)


def is_registry(path: Path) -> bool:
    """Whether a file says that it is of a registry; InputError when it cannot be read."""
    _, line = next(numbered_lines(path))
    return FORMAT.encode() in line[:100] and b'"format"' in line[:100]


def read_lines(path: Path) -> Iterator[tuple[int, Line]]:
    """Yield the numbered lines of a file between its first and its last, checked.

    Raises InputError `bad_line`, naming the line; `cut_short` where lines are missing at its end;
    `unreadable_file`.
    """
    known: dict[str, Protocol] = {}
    counts = {"model": 0, "entry": 0}
    ended: _End | None = None
    for number, line in numbered_lines(path):
        bad = bad_line(number)
        if number == 1:
            continue  # `is_registry` has seen it.
        if ended is not None:
            bad("it stands after the end")
        kind, fields = _single(json_object(line, bad), bad)
        if kind == "end":
            ended = _checked(_End, fields, bad)
            continue
        counts[kind] = counts.get(kind, 0) + 1
        yield number, _line(kind, fields, known, bad)
    if ended is None or (ended.models, ended.entries) != (counts["model"], counts["entry"]):
        raise InputError(
            "cut_short", f"{path} lacks lines at its end or elsewhere: export it anew."
        )


def _single(value: dict[str, Any], bad: Bad) -> tuple[str, Any]:
    if len(value) != 1:
        bad("it must be an object with one key: protocol, model, entry or end")
    [pair] = value.items()
    return pair


def _line(kind: str, fields: Any, known: dict[str, Protocol], bad: Bad) -> Line:
    if kind == "protocol":
        protocol = _protocol(fields, bad)
        known[protocol.digest] = protocol
        return protocol
    if kind == "model":
        return _checked(ModelLine, fields, bad)
    if kind != "entry":
        bad(f"no line is of kind {kind!r}")
    entry = _checked(EntryLine, fields, bad)
    _check_entry(entry, known, bad)
    return entry


def _protocol(fields: Any, bad: Bad) -> Protocol:
    try:
        named = dict(fields)
        name, digest = named.pop("name"), named.pop("digest")
        protocol = protocols.from_json(str(name), named)
        is_the_one = protocol.digest == digest
    except (KeyError, TypeError, ValueError, AttributeError, GenebankError) as error:
        bad(f"it is no protocol ({type(error).__name__}: {error})")
    if not is_the_one:
        bad("its digest is another")
    if any(own.name == name and own.digest != digest for own in builtins()):
        bad(f"{name!r} is the name of one of Genebank's own protocols")
    return protocol


def _check_entry(entry: EntryLine, known: dict[str, Protocol], bad: Bad) -> None:
    protocol = known.get(entry.protocol)
    if protocol is None:
        bad("its protocol stands in no line before it")
    for strand in (entry.strand, *(again.strand for again in entry.replicates)):
        try:
            values = from_bytes(protocol, strand).values
        except ValueError:
            bad(f"its strand has not the shape {protocol.shape} of {protocol.name}")
        if not np.isfinite(values).all():
            bad("its strand holds what is no number")
    if entry.responses is not None and len(entry.responses) != protocol.n_probes:
        bad(f"it has {len(entry.responses)} of {protocol.n_probes} responses")
    if not all(isinstance(one, str | list) for one in entry.responses or ()):
        bad("a response is a text or a list")


def _checked(schema: type[T], fields: Any, bad: Bad) -> T:
    try:
        return schema.model_validate(fields)
    except Invalid as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        bad(f"{place}: {first['msg']}")
