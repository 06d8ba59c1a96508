"""Entries by the hundred: models, claims and entries of one batch in a few statements.

One transaction a batch. The lock under which entries are numbered is its first statement, not its
last as in `entries.add`: two imports then never wait for each other's rows, and a batch holds it
for milliseconds.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import ConflictError
from app.records import Claim, Evidence, ModelRef
from app.store import entries, withdrawals
from app.store.bulk_rows import among, insert_rows
from app.store.clock import db_now
from app.store.ids import new_ids
from app.store.rows import ClaimRow, DnaRow, EntryRow, ModelRow, ResponsesRow, StrandRow

Key = tuple[str, str, str]
# What became of an entry: a model of its ref is withdrawn, and stays so.
Stored = Literal["added", "there", "withdrawn"]
MODEL_COLUMNS = (
    *("id", "source", "name", "revision"),
    *("label_key", "short_key", "digest", "details", "created_at"),
)
CLAIM_COLUMNS = ("model_id", "kind", "value", "source", "created_at")
ENTRY_COLUMNS = (
    *("id", "seq", "model_id", "model_digest", "protocol_digest"),
    *("evidence", "environment", "notes", "created_at"),
)
# What two times must differ by to be told apart as float64.
INSTANT_S = 1e-6
REPLICATE_COLUMNS = ("entry_id", "number", "body", "environment", "created_at")
BODY_COLUMNS = ("entry_id", "body")


@dataclass(frozen=True)
class BulkModel:
    """A model whose content is known: its ref, its digest, and what is said of it."""

    ref: ModelRef
    digest: str | None
    claims: Sequence[Claim] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """What is unique about a model."""
        return self.ref.source, self.ref.name, self.ref.revision


@dataclass(frozen=True)
class BulkReplicate:
    """What an entry's model gave when it was asked once more."""

    number: int
    strand: bytes
    environment: dict[str, Any]


@dataclass(frozen=True)
class BulkEntry:
    """One entry as it is stored: bodies are the bytes of strand, DNA and responses."""

    model_id: str
    model_digest: str
    protocol_digest: str
    strand: bytes
    dna: bytes
    responses: bytes
    evidence: Evidence = "reported"
    environment: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    replicates: Sequence[BulkReplicate] = ()


def packed(responses: bytes) -> bytes:
    """Responses as they are stored, of their JSON: quicker than `entries.pack`."""
    # In digits nothing repeats: coding them by how often they come is half the work, and smaller.
    is_text = b'"' in responses[:3]
    strategy = zlib.Z_DEFAULT_STRATEGY if is_text else zlib.Z_HUFFMAN_ONLY
    deflate = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, strategy)
    return deflate.compress(responses) + deflate.flush()


def add_models(session: Session, given: Sequence[BulkModel]) -> list[str]:
    """Return the ids of models, added where they are new, in their order.

    Content and claims that a model lacks are added to it; nothing is replaced. Raises
    ConflictError `other_content` when a model is there with another content.
    """
    now = session.scalars(select(db_now())).one()
    known = _known(session, given)
    fresh = iter(new_ids("mdl", len(given)))
    rows, ids = [], []
    for model in given:
        key = model.key
        found = known.get(key)
        if found is None:
            known[key] = found = (next(fresh), model.digest)
            rows.append(_model_row(found[0], model, now))
        elif found[1] != model.digest and model.digest is not None:
            _set_content(session, found, model)
            known[key] = (found[0], model.digest)
        ids.append(found[0])
    insert_rows(session, ModelRow.metadata.tables["models"], MODEL_COLUMNS, rows)
    _add_claims(session, given, ids, now)
    withdrawals.show(session, {model.digest for model in given if model.digest})
    return ids


def add_entries(session: Session, given: Sequence[BulkEntry]) -> list[Stored]:
    """Store entries whole, numbered in their order; return what became of each.

    One (model digest, protocol) has one entry: what is there already stays. A model that was
    withdrawn gets none.
    """
    gone = withdrawals.among_ids(session, {entry.model_id for entry in given})
    now = session.scalars(select(db_now())).one()
    seq = entries.last_seq(session)
    there = _there(session, given)
    fresh = iter(new_ids("ent", len(given)))
    new: list[tuple[str, BulkEntry]] = []
    stored: list[Stored] = []
    for entry in given:
        key = (entry.model_digest, entry.protocol_digest)
        if entry.model_id in gone:
            stored.append("withdrawn")
        elif key in there:
            stored.append("there")
        else:
            stored.append("added")
            there.add(key)
            new.append((next(fresh), entry))
    rows = [_entry_row(entry_id, seq + n, one, now) for n, (entry_id, one) in enumerate(new, 1)]
    tables = EntryRow.metadata.tables
    insert_rows(session, tables["entries"], ENTRY_COLUMNS, rows)
    for table, body in ((StrandRow, "strand"), (DnaRow, "dna"), (ResponsesRow, "responses")):
        bodies = [(entry_id, getattr(one, body)) for entry_id, one in new]
        insert_rows(session, tables[table.__tablename__], BODY_COLUMNS, bodies)
    again = [
        (entry_id, one.number, one.strand, one.environment, now)
        for entry_id, entry in new
        for one in entry.replicates
    ]
    insert_rows(session, tables["replicates"], REPLICATE_COLUMNS, again)
    return stored


def _known(session: Session, given: Sequence[BulkModel]) -> dict[Key, tuple[str, str | None]]:
    """Id and digest of the models of these keys that are there."""
    names: dict[str, set[str]] = {}
    for model in given:
        names.setdefault(model.ref.source, set()).add(model.ref.name)
    found: dict[Key, tuple[str, str | None]] = {}
    for source, of_source in names.items():
        rows = session.execute(
            select(ModelRow.name, ModelRow.revision, ModelRow.id, ModelRow.digest).where(
                ModelRow.source == source, among(session, ModelRow.name, of_source)
            )
        )
        found |= {(source, row[0], row[1]): (row[2], row[3]) for row in rows}
    return found


def _model_row(model_id: str, model: BulkModel, now: float) -> tuple[Any, ...]:
    label = model.ref.label.lower()
    short = label.rpartition("/")[2]
    return (model_id, *model.key, label, short, model.digest, model.details, now)


def _set_content(session: Session, known: tuple[str, str | None], model: BulkModel) -> None:
    model_id, digest = known
    if digest is not None:
        raise ConflictError(
            "other_content", f"{model.ref} is here with another content ({digest[:16]})."
        )
    values = {"digest": model.digest, "details": model.details}
    session.execute(update(ModelRow).where(ModelRow.id == model_id).values(**values))


def _add_claims(
    session: Session, given: Sequence[BulkModel], ids: Sequence[str], now: float
) -> None:
    claimed: dict[tuple[str, ...], None] = {
        (model_id, claim.kind, claim.value, claim.source): None
        for model, model_id in zip(given, ids, strict=True)
        for claim in model.claims
    }
    if not claimed:
        return
    owners = {model_id for model_id, *_ in claimed}
    there = session.execute(
        select(ClaimRow.model_id, ClaimRow.kind, ClaimRow.value, ClaimRow.source).where(
            among(session, ClaimRow.model_id, owners)
        )
    )
    for row in there:
        claimed.pop(tuple(row), None)
    # Of several claims the oldest counts: those of one model stay in their order.
    rows = [(*claim, now + place * INSTANT_S) for place, claim in enumerate(claimed)]
    insert_rows(session, ClaimRow.metadata.tables["claims"], CLAIM_COLUMNS, rows)


def _there(session: Session, given: Iterable[BulkEntry]) -> set[tuple[str, str]]:
    """Which (model digest, protocol digest) have entries."""
    digests: dict[str, set[str]] = {}
    for entry in given:
        digests.setdefault(entry.protocol_digest, set()).add(entry.model_digest)
    return {
        (digest, protocol)
        for protocol, of_protocol in digests.items()
        for digest in session.scalars(
            select(EntryRow.model_digest).where(
                EntryRow.protocol_digest == protocol,
                among(session, EntryRow.model_digest, of_protocol),
            )
        )
    }


def _entry_row(entry_id: str, seq: int, entry: BulkEntry, now: float) -> tuple[Any, ...]:
    return (
        entry_id,
        seq,
        entry.model_id,
        entry.model_digest,
        entry.protocol_digest,
        entry.evidence,
        entry.environment,
        entry.notes,
        now,
    )
