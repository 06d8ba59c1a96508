"""What all imports share: models of some protocols are checked to the last, then stored."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from app.dna.protocol import Protocol, builtins
from app.errors import ConflictError
from app.records import ModelRef
from app.services.batches import ahead, batches
from app.services.freezing import refresh_references
from app.services.handed_in import HandedIn
from app.services.preparing import Prepared, prepare, size
from app.store import bulk, jobs, protocols, withdrawals
from app.store.bulk import BulkEntry, BulkModel, Stored
from app.store.database import Database, Session
from app.store.turns import take_turn

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

    Models that are `withdrawn` stay so, and nothing of them is stored. Under a protocol with a
    sentence encoder, which only a worker can run, `added` models wait for it as jobs.
    """

    protocol: Protocol
    added: int
    duplicates: int
    withdrawn: int = 0


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
        became = Counter[Stored]()
        cut = batches(part.read(), size)
        for batch in ahead(prepare(protocol, models) for models in cut):
            stored = database.transact(partial(_store, protocol=protocol, batch=batch))
            for one, what in zip(batch, stored, strict=True):
                if what == "there":
                    duplicate(one.label, protocol.name)
            became.update(stored)
            done += len(batch)
            progress("import", done, total)
        imported.append(Imported(protocol, became["added"], became["there"], became["withdrawn"]))
    refresh_references(database)
    return imported


def _store(session: Session, protocol: Protocol, batch: Sequence[Prepared]) -> list[Stored]:
    """Store a batch; return what became of each model."""
    take_turn(session)
    given = [BulkModel(_ref(one), one.digest, one.claims) for one in batch]
    model_ids = bulk.add_models(session, given)
    if protocol.encoder == "sentence":
        gone = withdrawals.among_ids(session, model_ids)
        return [
            "withdrawn" if model_id in gone else _submit(session, model_id, protocol, one)
            for model_id, one in zip(model_ids, batch, strict=True)
        ]
    found = [
        BulkEntry(
            model_id=model_id,
            model_digest=one.digest,
            protocol_digest=protocol.digest,
            strand=one.strand,
            dna=one.dna,
            responses=one.body,
            notes=one.notes,
        )
        for model_id, one in zip(model_ids, batch, strict=True)
    ]
    return bulk.add_entries(session, found)


def _submit(session: Session, model_id: str, protocol: Protocol, one: Prepared) -> Stored:
    is_new = jobs.submit_answered(session, "encode", model_id, protocol.digest, one.body)[1]
    return "added" if is_new else "there"


def _ref(one: Prepared) -> ModelRef:
    return ModelRef("import", one.label, one.digest[:16])
