"""What all imports share: models of some protocols are checked to the last, then stored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from app.dna.canonical import Json, digest_json
from app.dna.projection import project
from app.dna.protocol import Protocol, builtins
from app.dna.strand import Strand, encode, remarks
from app.errors import ConflictError
from app.records import Claim, ModelRef
from app.services.batches import ahead, batches
from app.services.freezing import refresh_references
from app.services.handed_in import HandedIn
from app.store import bulk, entries, jobs, protocols
from app.store.bulk import BulkEntry, BulkModel
from app.store.database import Database, Session

Progress = Callable[[str, int, int], None]
# Told the label and the protocol's name of a model that is there already.
Duplicate = Callable[[str, str], None]


def unheard(_label: str, _protocol: str) -> None:
    """Nobody wants to know of duplicates."""


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
    """A model as it will be stored: `body` holds its responses, as `packed` or a checkpoint."""

    label: str
    digest: str
    claims: tuple[Claim, ...]
    strand: Strand | None
    body: bytes
    notes: tuple[str, ...]


def import_parts(
    database: Database,
    parts: Sequence[Part],
    progress: Progress,
    duplicate: Duplicate = unheard,
) -> list[Imported]:
    """Import parts whole or not at all; calls `progress(stage, done, total)`.

    All are read to their end before anything is written, so a bad line anywhere stores nothing.
    Then batches are committed, each whole. What may still go wrong on the way (the power, the
    database, a file that somebody changes meanwhile) leaves whole batches behind, and an import
    that is run again goes on there: a model that is there with the same responses is a duplicate,
    which `duplicate` hears of. Memory holds two batches. Raises what reading raises, and
    ConflictError `name_taken` when another protocol has the name.
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
        ready = (_ready(protocol, model) for model in part.read())
        for batch in ahead(batches(ready, _size)):
            is_new = database.transact(partial(_store, protocol=protocol, batch=batch))
            for one, new in zip(batch, is_new, strict=True):
                if not new:
                    duplicate(one.label, protocol.name)
            added += sum(is_new)
            done += len(batch)
            progress("import", done, total)
        imported.append(Imported(protocol, added, done - before - added))
    refresh_references(database)
    return imported


def _size(ready: _Ready) -> int:
    return len(ready.body) + (0 if ready.strand is None else ready.strand.values.nbytes)


def _ready(protocol: Protocol, handed_in: HandedIn) -> _Ready:
    # We never saw this model. Equal answers do not prove equal models, so the label is part of
    # what it is known by.
    label, given = handed_in.label, handed_in.responses
    responses: list[Json] = [r if isinstance(r, str) else [*r] for r in given]
    digest = digest_json(["reported", label, responses])
    if protocol.encoder == "sentence":
        checkpoint = entries.pack([list(range(len(given))), given])
        return _Ready(label, digest, handed_in.claims, None, checkpoint, ())
    strand = encode(protocol, given)
    return _Ready(label, digest, handed_in.claims, strand, bulk.packed(given), remarks(given))


def _store(session: Session, protocol: Protocol, batch: Sequence[_Ready]) -> list[bool]:
    """Store a batch; return of each model whether it is new."""
    bulk.take_turn(session)
    given = [BulkModel(_ref(ready), ready.digest, ready.claims) for ready in batch]
    model_ids = bulk.add_models(session, given)
    if protocol.encoder == "sentence":
        return [
            jobs.submit_answered(session, "encode", model_id, protocol.digest, ready.body)[1]
            for model_id, ready in zip(model_ids, batch, strict=True)
        ]
    return bulk.add_entries(session, _entries(protocol, batch, model_ids))


def _ref(ready: _Ready) -> ModelRef:
    return ModelRef("import", ready.label, ready.digest[:16])


def _entries(
    protocol: Protocol, batch: Sequence[_Ready], model_ids: Sequence[str]
) -> list[BulkEntry]:
    strands = [ready.strand for ready in batch if ready.strand is not None]
    dna = project(np.stack([strand.values for strand in strands]), protocol).astype("<f4")
    return [
        BulkEntry(
            model_id=model_id,
            model_digest=ready.digest,
            protocol_digest=protocol.digest,
            strand=strand.to_bytes(),
            dna=row.tobytes(),
            responses=ready.body,
            notes=ready.notes,
        )
        for ready, model_id, strand, row in zip(batch, model_ids, strands, dna, strict=True)
    ]
