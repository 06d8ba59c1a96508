"""Entries: strand, DNA and responses of a model under a protocol, numbered in commit order."""

import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.dna.projection import project
from app.dna.protocol import Protocol
from app.dna.strand import Response, Strand, all_from_bytes, from_bytes
from app.errors import NotFoundError
from app.records import EntryDetails, EntryRecord, Evidence, ModelRecord
from app.store import withdrawals
from app.store.ids import new_id
from app.store.ready import Ready, Rows
from app.store.rows import DnaRow, EntryRow, ResponsesRow, StrandRow
from app.store.turns import take_turn

# What stands where responses were: see app/store/retention.py. Packed ones are never empty.
PRUNED = b""


@dataclass(frozen=True)
class Finding:
    """What was found for one model under one protocol, ready to be stored."""

    model: ModelRecord
    protocol: Protocol
    strand: Strand
    responses: Sequence[Response]
    evidence: Evidence
    environment: dict[str, Any]
    notes: tuple[str, ...] = ()


def add(session: Session, findings: Sequence[Finding]) -> list[tuple[EntryRecord, bool]]:
    """Store findings whole; return each entry and whether it is new.

    One (model digest, protocol) has one entry: a second finding for it is dropped, and the first
    entry returned. Entries are numbered without gaps in the order of their commits: on
    PostgreSQL under a lock that is held to the end of the transaction, on SQLite by its single
    writer. So whoever has seen number n has seen, or can see, all below it.
    """
    take_turn(session)
    seq = last_seq(session)
    stored = []
    for finding in findings:
        entry = _existing(session, finding)
        is_new = entry is None
        if entry is None:
            seq += 1
            entry = _insert(session, finding, seq)
        stored.append((_record(entry), is_new))
    # Of a model that was withdrawn while its job ran.
    withdrawals.hide(session, {entry.model_digest for entry, _ in stored})
    return stored


def _existing(session: Session, finding: Finding) -> EntryRow | None:
    return session.scalar(
        select(EntryRow).where(
            EntryRow.model_digest == finding.model.digest,
            EntryRow.protocol_digest == finding.protocol.digest,
        )
    )


def _insert(session: Session, finding: Finding, seq: int) -> EntryRow:
    protocol = finding.protocol
    dna = project(finding.strand.values[None], protocol)[0]
    entry = EntryRow(
        id=new_id("ent"),
        seq=seq,
        model_id=finding.model.id,
        model_digest=finding.model.digest,
        protocol_digest=protocol.digest,
        evidence=finding.evidence,
        environment=finding.environment,
        notes=list(finding.notes),
    )
    session.add(entry)
    session.flush()
    session.add_all(
        (
            StrandRow(entry_id=entry.id, body=finding.strand.to_bytes()),
            DnaRow(entry_id=entry.id, body=dna.astype("<f4").tobytes()),
            ResponsesRow(entry_id=entry.id, body=pack(finding.responses)),
        )
    )
    session.flush()
    return entry


def of_model(session: Session, model: ModelRecord) -> list[EntryRecord]:
    """The entries of a model's content, by number: its own, or those of a copy."""
    return _records(_BY_DIGEST.many(session, [model.digest]))


def require_any(session: Session, model: ModelRecord) -> list[EntryRecord]:
    """The entries of a model's content; NotFoundError `not_fingerprinted` when it has none."""
    found = of_model(session, model)
    if not found:
        raise NotFoundError("not_fingerprinted", f"{model.name} has not been fingerprinted (yet).")
    return found


def get(session: Session, model: ModelRecord, protocol: Protocol) -> EntryRecord:
    """The entry of a model under a protocol; NotFoundError `not_fingerprinted`."""
    found = of_digests(session, protocol.digest, [] if model.digest is None else [model.digest])
    if not found:
        raise NotFoundError(
            "not_fingerprinted", f"{model.name} has no entry under {protocol.name} (yet)."
        )
    return found[0]


def by_seq(session: Session, protocol_digest: str, seqs: Collection[int]) -> list[EntryRecord]:
    """The entries of these numbers, in the order of their numbers."""
    return _records(_BY_SEQ.many(session, seqs, protocol=protocol_digest))


def of_digests(
    session: Session, protocol_digest: str, model_digests: Iterable[str]
) -> list[EntryRecord]:
    """The entries under a protocol of models of these digests, by number."""
    digests = set(model_digests)
    return _records(_BY_DIGESTS.many(session, digests, protocol=protocol_digest))


def seqs(session: Session, protocol_digest: str) -> list[int]:
    """The numbers of all entries of a protocol that are not withdrawn, rising."""
    live = EntryRow.protocol_digest == protocol_digest, ~EntryRow.withdrawn
    query = select(EntryRow.seq).where(*live)
    return list(session.scalars(query.order_by(EntryRow.seq)))


def oldest(
    session: Session, protocol: Protocol, limit: int | None = None, after: int = 0
) -> list[EntryRecord]:
    """Up to `limit` entries of a protocol, or all, by number; those above `after`."""
    query = _COLUMNS.where(_OF_PROTOCOL, _ENTRIES.seq > after).limit(limit)
    return _records(session.connection().execute(query, {"protocol": protocol.digest}).all())


def details_of(session: Session, found: Collection[EntryRecord]) -> dict[str, EntryDetails]:
    """How each entry came about, by its id."""
    rows = _DETAILS.many(session, [entry.id for entry in found])
    return {
        entry_id: EntryDetails(environment, tuple(notes), created_at)
        for entry_id, environment, notes, created_at in rows
    }


def last_seq(session: Session) -> int:
    """The highest number of all entries, 0 when there is none."""
    return session.scalar(select(func.max(EntryRow.seq))) or 0


def count(session: Session, protocol_digest: str, after: int = 0) -> int:
    """Number of entries under a protocol that are not withdrawn, of those above a number."""
    # All less the few: both are counted in an index alone.
    some = EntryRow.protocol_digest == protocol_digest, EntryRow.seq > after
    every = select(func.count()).where(*some)
    few = every.where(EntryRow.withdrawn)
    return session.scalar(select(every.scalar_subquery() - few.scalar_subquery())) or 0


def strands(
    session: Session, protocol: Protocol, entries: Sequence[EntryRecord]
) -> npt.NDArray[np.floating]:
    """The strands of entries, in their order: (n, n_probes, width) in the protocol's dtype."""
    rows = _STRANDS.many(session, [entry.id for entry in entries])
    bodies = {entry_id: body for entry_id, body in rows}  # noqa: C416 - rows are no pairs for mypy
    return all_from_bytes(protocol, [bodies[entry.id] for entry in entries])


def with_strands(
    session: Session, protocol: Protocol, seqs: Collection[int]
) -> tuple[list[EntryRecord], npt.NDArray[np.floating]]:
    """The entries of these numbers, by number, and their strands, as `strands` gives them."""
    rows = _STRANDS_BY_SEQ.many(session, seqs, protocol=protocol.digest)
    return _records(rows), all_from_bytes(protocol, [row[-1] for row in rows])


def every_strand(
    session: Session, protocol: Protocol, last_seq: int
) -> Iterator[npt.NDArray[np.floating]]:
    """All strands of a protocol up to a number, one by one, by number, without holding them.

    Those of withdrawn entries are left out.
    """
    rows = session.scalars(
        select(StrandRow.body)
        .join(EntryRow, EntryRow.id == StrandRow.entry_id)
        .where(
            EntryRow.protocol_digest == protocol.digest,
            EntryRow.seq <= last_seq,
            ~EntryRow.withdrawn,
        )
        .order_by(EntryRow.seq)
        .execution_options(yield_per=256)
    )
    for body in rows:
        yield from_bytes(protocol, body).values


def dna(session: Session, entry: EntryRecord) -> npt.NDArray[np.float32]:
    """The DNA of an entry, (dna size,), float32."""
    body = session.scalars(select(DnaRow.body).where(DnaRow.entry_id == entry.id)).one()
    return np.frombuffer(body, dtype="<f4").astype(np.float32)


def responses(session: Session, entry: EntryRecord) -> list[Response]:
    """All responses of an entry, in probe order; NotFoundError `responses_pruned`."""
    found = kept_responses(session, entry)
    if found is None:
        raise NotFoundError(
            "responses_pruned",
            f"The responses of entry {entry.id} were older than this registry keeps them: its "
            "scores and relatives remain, what it answered can no longer be shown.",
        )
    return found


def kept_responses(session: Session, entry: EntryRecord) -> list[Response] | None:
    """All responses of an entry, in probe order; None where they are no longer kept."""
    query = select(ResponsesRow.body).where(ResponsesRow.entry_id == entry.id)
    body = session.scalars(query).one()
    return None if body == PRUNED else unpack(body)


def pack(values: Sequence[Any]) -> bytes:
    """A list of JSON values, compressed: the form in which responses are stored."""
    return zlib.compress(json.dumps(values, ensure_ascii=False, allow_nan=False).encode(), 6)


def unpack(body: bytes) -> list[Any]:
    """Read back what `pack` wrote."""
    values: list[Any] = json.loads(zlib.decompress(body))
    return values


# Columns, not rows: an object that the session watches takes longer than all else of a search.
_ENTRIES = EntryRow.__table__.c
_BODIES = StrandRow.__table__.c
_KNOWN_BY = (
    _ENTRIES.id,
    _ENTRIES.seq,
    _ENTRIES.model_id,
    _ENTRIES.model_digest,
    _ENTRIES.protocol_digest,
    _ENTRIES.evidence,
)
_OF_PROTOCOL = _ENTRIES.protocol_digest == bindparam("protocol")
_COLUMNS = select(*_KNOWN_BY).where(~_ENTRIES.withdrawn).order_by(_ENTRIES.seq)
# Withdrawn ones as well: references stand on them.
_WITH_STRANDS = (
    select(*_KNOWN_BY, _BODIES.body)
    .join_from(EntryRow.__table__, StrandRow.__table__, _BODIES.entry_id == _ENTRIES.id)
    .where(_OF_PROTOCOL)
    .order_by(_ENTRIES.seq)
)
_BY_DIGEST = Ready(_COLUMNS, _ENTRIES.model_digest)
_BY_DIGESTS = Ready(_COLUMNS.where(_OF_PROTOCOL), _ENTRIES.model_digest)
_BY_SEQ = Ready(_COLUMNS.where(_OF_PROTOCOL), _ENTRIES.seq)
_STRANDS = Ready(select(_BODIES.entry_id, _BODIES.body), _BODIES.entry_id)
_STRANDS_BY_SEQ = Ready(_WITH_STRANDS, _ENTRIES.seq)
_DETAILS = Ready(
    select(_ENTRIES.id, _ENTRIES.environment, _ENTRIES.notes, _ENTRIES.created_at), _ENTRIES.id
)


def _records(rows: Rows) -> list[EntryRecord]:
    """The records of rows that begin with _KNOWN_BY."""
    return [EntryRecord(*row[: len(_KNOWN_BY)]) for row in rows]


def _record(row: EntryRow) -> EntryRecord:
    return EntryRecord(
        id=row.id,
        seq=row.seq,
        model_id=row.model_id,
        model_digest=row.model_digest,
        protocol_digest=row.protocol_digest,
        evidence=cast("Evidence", row.evidence),
    )
