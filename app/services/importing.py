"""What all imports share: models of some protocols are checked to the last, then stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from app.dna.canonical import Json, digest_json
from app.dna.protocol import Protocol, builtins
from app.dna.strand import Strand, encode, remarks
from app.errors import ConflictError
from app.records import ModelRecord, ModelRef
from app.services.freezing import refresh_references
from app.services.handed_in import HandedIn
from app.store import entries, jobs, models, protocols
from app.store.database import Database, Session

# Models that are written in one transaction: long enough to be fast, short enough to let others.
BATCH = 32

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Part:
    """Models that are handed in under one protocol; `read` reads them from the first on."""

    protocol: Protocol
    read: Callable[[], Iterator[HandedIn]]


@dataclass(frozen=True)
class Imported:
    """What an import did: entries that it added, and those that were there already.

    Under a protocol with a sentence encoder, which only a worker can run, `added` models wait for
    it as jobs.
    """

    protocol: Protocol
    added: int
    duplicates: int


@dataclass(frozen=True)
class _Ready:
    handed_in: HandedIn
    strand: Strand | None
    digest: str


def import_parts(database: Database, parts: Sequence[Part], progress: Progress) -> list[Imported]:
    """Import parts whole or not at all; calls `progress(stage, done, total)`.

    All are read to their end before anything is written. Then batches are committed, so an
    import that was killed goes on where it stopped when it is run again: a model that is there
    with the same responses is a duplicate. Raises what reading raises, and ConflictError
    `name_taken` when another protocol has the name.
    """
    for part in parts:
        if part.protocol.name in {protocol.name for protocol in builtins()}:
            # In an empty registry the name is free: taking it would keep every model out.
            raise ConflictError(
                "name_taken", f"Genebank's own is {part.protocol.name!r}: add --name NAME."
            )
    total = 0
    for total, _ in enumerate((model for part in parts for model in part.read()), 1):
        progress("check", total, 0)
    done, imported = 0, []
    for part in parts:
        protocol = database.transact(partial(protocols.ensure, protocol=part.protocol))
        added, before = 0, done
        for batch in _batches(protocol, part.read()):
            added += database.transact(partial(_store, protocol=protocol, batch=batch))
            done += len(batch)
            progress("import", done, total)
        imported.append(Imported(protocol, added, done - before - added))
    refresh_references(database)
    return imported


def _batches(protocol: Protocol, models_in: Iterator[HandedIn]) -> Iterator[Sequence[_Ready]]:
    while batch := [_ready(protocol, model) for model in islice(models_in, BATCH)]:
        yield batch


def _ready(protocol: Protocol, handed_in: HandedIn) -> _Ready:
    # We never saw this model. Equal answers do not prove equal models, so the label is part of
    # what it is known by.
    responses: list[Json] = [r if isinstance(r, str) else [*r] for r in handed_in.responses]
    digest = digest_json(["reported", handed_in.label, responses])
    if protocol.encoder == "sentence":
        return _Ready(handed_in, None, digest)
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
        if ready.strand is not None
    ]
    waiting = (ready for ready in ordered if ready.strand is None)
    return sum(is_new for _, is_new in entries.add(session, findings)) + sum(
        _leave_to_worker(session, protocol, registered[ready.digest], ready) for ready in waiting
    )


def _leave_to_worker(
    session: Session, protocol: Protocol, model: ModelRecord, ready: _Ready
) -> bool:
    responses = ready.handed_in.responses
    body = entries.pack([list(range(len(responses))), responses])
    return jobs.submit_answered(session, "encode", model.id, protocol.digest, body)[1]


def _model(session: Session, ready: _Ready) -> ModelRecord:
    ref = ModelRef("import", ready.handed_in.label, ready.digest[:16])
    model = models.register(session, ref)
    models.add_claims(session, model.id, ready.handed_in.claims)
    return models.set_content(session, model.id, ready.digest, {})
