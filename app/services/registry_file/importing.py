"""Use case: what one registry exported is taken over by another, entries and all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson

from app.dna.projection import project
from app.dna.protocol import Protocol
from app.dna.strand import from_bytes
from app.records import Claim
from app.services.batches import ahead, batches
from app.services.freezing import refresh_references
from app.services.importing import Duplicate, Imported, Progress, unheard
from app.services.registry_file.reading import EntryLine, Line, ModelLine, read_lines
from app.store import bulk, protocols
from app.store.bulk import BulkEntry, BulkModel, BulkReplicate, Stored
from app.store.database import Database, Session
from app.store.turns import take_turn


@dataclass(frozen=True)
class _Batch:
    """Models and entries of some lines; of each entry the place of its model among `models`."""

    n_lines: int
    models: list[BulkModel]
    owners: list[int]
    entries: list[EntryLine]
    dna: list[bytes]


def import_registry(
    database: Database,
    path: Path,
    progress: Progress,
    duplicate: Duplicate = unheard,
) -> list[Imported]:
    """Import a registry file whole or not at all, as `import_parts` does; of each protocol what
    was added.

    Entries keep their digests, strands, responses, evidence levels and claims; they are numbered
    anew, in their order. So whoever may import such a file is believed in all that it says.
    Raises what `read_lines` raises; ConflictError `name_taken`, `other_content`.
    """
    total, found = 0, dict[str, Protocol]()
    for total, (_, line) in enumerate(read_lines(path), 1):
        if isinstance(line, Protocol):
            found[line.digest] = line
        progress("check", total, 0)
    known = {
        digest: database.transact(partial(protocols.ensure, protocol=protocol))
        for digest, protocol in found.items()
    }
    became, done = {digest: Counter[Stored]() for digest in known}, 0
    parts = batches((line for _, line in read_lines(path)), _size)
    for batch in ahead(_batch(known, part) for part in parts):
        stored = database.transact(partial(_store, batch=batch))
        for entry, what in zip(batch.entries, stored, strict=True):
            became[entry.protocol][what] += 1
            if what == "there":
                duplicate(str(entry.model.ref), known[entry.protocol].name)
        done += batch.n_lines
        progress("import", done, total)
    refresh_references(database)
    return [
        Imported(known[digest], what["added"], what["there"], what["withdrawn"])
        for digest, what in became.items()
    ]


def _size(line: Line) -> int:
    if not isinstance(line, EntryLine):
        return 0
    lengths = (len(one) if isinstance(one, str) else 8 * len(one) for one in line.responses or ())
    return len(line.strand) + sum(lengths)


def _batch(known: dict[str, Protocol], lines: Sequence[Line]) -> _Batch:
    models = [_model(line) for line in lines if isinstance(line, ModelLine)]
    entries = [line for line in lines if isinstance(line, EntryLine)]
    owners = list(range(len(models), len(models) + len(entries)))
    models += [BulkModel(entry.model.ref, entry.digest) for entry in entries]
    return _Batch(len(lines), models, owners, entries, _dna(known, entries))


def _model(line: ModelLine) -> BulkModel:
    claims = [Claim(one.kind, one.value, one.source) for one in line.claims]
    return BulkModel(line.ref, line.digest, claims, line.details)


def _dna(known: dict[str, Protocol], entries: list[EntryLine]) -> list[bytes]:
    """The DNA of entries, projected from their strands, protocol by protocol."""
    found: dict[int, bytes] = {}
    for digest in dict.fromkeys(entry.protocol for entry in entries):
        protocol = known[digest]
        places = [place for place, entry in enumerate(entries) if entry.protocol == digest]
        strands: npt.NDArray[np.floating] = np.stack(
            [from_bytes(protocol, entries[place].strand).values for place in places]
        )
        rows = project(strands, protocol).astype("<f4")
        found.update(zip(places, (row.tobytes() for row in rows), strict=True))
    return [found[place] for place in range(len(entries))]


def _store(session: Session, batch: _Batch) -> list[Stored]:
    take_turn(session)
    ids = bulk.add_models(session, batch.models)
    return bulk.add_entries(
        session,
        [
            _entry(entry, ids[owner], dna)
            for entry, owner, dna in zip(batch.entries, batch.owners, batch.dna, strict=True)
        ],
    )


def _entry(entry: EntryLine, model_id: str, dna: bytes) -> BulkEntry:
    return BulkEntry(
        model_id=model_id,
        model_digest=entry.digest,
        protocol_digest=entry.protocol,
        strand=entry.strand,
        dna=dna,
        responses=b"" if entry.responses is None else bulk.packed(orjson.dumps(entry.responses)),
        evidence=entry.evidence,
        environment=entry.environment,
        notes=entry.notes,
        replicates=[
            BulkReplicate(again.number, again.strand, again.environment)
            for again in entry.replicates
        ],
    )
