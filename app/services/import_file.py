"""Use case: answers or vectors of many models are handed in as a file."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from app.dna.canonical import Json, digest_json
from app.dna.probes import ProbeSet, parse_probe_set
from app.dna.protocol import Protocol, defaults, reported_answers, reported_vectors
from app.dna.strand import Strand, encode, remarks
from app.errors import ConflictError, InputError
from app.records import ModelRecord, ModelRef, check_label
from app.services.handed_in import HandedIn, kind_of, read, vector_size
from app.services.population import refresh_references
from app.store import entries, models, protocols
from app.store.database import Database, Session

# Models that are written in one transaction: long enough to be fast, short enough to let others.
BATCH = 32

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Imported:
    """What an import did: entries that it added, and those that were there already."""

    protocol: Protocol
    added: int
    duplicates: int


@dataclass(frozen=True)
class _Ready:
    handed_in: HandedIn
    strand: Strand
    digest: str


def import_file(
    database: Database, path: Path, *, probes: Path | None, name: str | None, progress: Progress
) -> Imported:
    """Import a file whole or not at all; calls `progress(stage, done, total)`.

    The file is checked to its end before anything is written. Then batches are committed, so an
    import that was killed goes on where it stopped when it is run again: a model that is there
    with the same responses is a duplicate. Raises InputError on anything wrong with the files,
    ConflictError `name_taken` when another protocol has the name.
    """
    kind = kind_of(path)
    protocol = _protocol(path, kind, probes, name)
    size = protocol.n_probes if kind == "answers" else protocol.width
    total = 0
    for total, _ in enumerate(read(path, kind, size), 1):
        progress("check", total, 0)
    protocol = database.transact(partial(protocols.ensure, protocol=protocol))
    added = done = 0
    for batch in _batches(protocol, read(path, kind, size)):
        added += database.transact(partial(_store, protocol=protocol, batch=batch))
        done += len(batch)
        progress("import", done, total)
    refresh_references(database)
    return Imported(protocol, added, done - added)


def _protocol(path: Path, kind: str, probes: Path | None, name: str | None) -> Protocol:
    if kind == "vector":
        if probes is not None:
            raise InputError("bad_usage", "Vectors have no probes: leave --probes out.")
        label = check_label(name or path.name.partition(".")[0])
        protocol = reported_vectors(label, vector_size(path))
    elif probes is None:
        raise InputError("bad_usage", "Answers need the probes they answer: add --probes FILE.")
    else:
        protocol = reported_answers(_probe_set(probes, name))
    if protocol.name in {default.name for default in defaults()}:
        # In an empty registry the name is free: taking it would keep every model out.
        raise ConflictError("name_taken", f"Genebank's own is {protocol.name!r}: add --name NAME.")
    return protocol


def _probe_set(path: Path, name: str | None) -> ProbeSet:
    try:
        probe_set = parse_probe_set(path.read_bytes())
    except OSError as error:
        raise InputError("unreadable_file", f"{path} cannot be read: {error.strerror}.") from error
    return replace(probe_set, name=name) if name else probe_set


def _batches(protocol: Protocol, models_in: Iterator[HandedIn]) -> Iterator[Sequence[_Ready]]:
    while batch := [_ready(protocol, model) for model in islice(models_in, BATCH)]:
        yield batch


def _ready(protocol: Protocol, handed_in: HandedIn) -> _Ready:
    # We never saw this model. Equal answers do not prove equal models, so the label is part of
    # what it is known by.
    responses: list[Json] = [r if isinstance(r, str) else [*r] for r in handed_in.responses]
    digest = digest_json(["reported", handed_in.label, responses])
    return _Ready(handed_in, encode(protocol, handed_in.responses), digest)


def _store(session: Session, protocol: Protocol, batch: Sequence[_Ready]) -> int:
    # By label, as all imports do: two that met in another order would wait for each other.
    ordered = sorted(batch, key=lambda ready: ready.handed_in.label)
    registered = {ready.digest: _model(session, ready) for ready in ordered}
    findings = [
        entries.Finding(
            model=registered[ready.digest],
            protocol=protocol,
            strand=ready.strand,
            responses=ready.handed_in.responses,
            evidence="reported",
            environment={},
            notes=remarks(ready.handed_in.responses),
        )
        for ready in batch
    ]
    return sum(is_new for _, is_new in entries.add(session, findings))


def _model(session: Session, ready: _Ready) -> ModelRecord:
    ref = ModelRef("import", ready.handed_in.label, ready.digest[:16])
    model = models.register(session, ref)
    models.add_claims(session, model.id, ready.handed_in.claims)
    return models.set_content(session, model.id, ready.digest, {})
