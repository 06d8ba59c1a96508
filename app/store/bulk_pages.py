"""Everything in a registry, page by page: what an export reads.

A page is one short transaction's work. Entries are read up to a number that was fixed before,
and their models afterwards, so whatever is written meanwhile an export is whole up to there.
What is withdrawn is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from app.records import Claim, Evidence, ModelRecord, ModelRef, Source
from app.store import models
from app.store.bulk import BulkReplicate
from app.store.bulk_rows import among
from app.store.rows import EntryRow, ModelRow, ReplicateRow, ResponsesRow, StrandRow

PAGE = 10_000
# An entry is shown as that of the model that made it, or of its oldest copy if that is withdrawn.
_MAKER, _COPY = aliased(ModelRow), aliased(ModelRow)
_OLDEST = select(func.min(_COPY.id)).where(
    _COPY.digest == EntryRow.model_digest, _COPY.withdrawn_at.is_(None)
)
_SHOWN = case((_MAKER.withdrawn_at.is_(None), _MAKER.id), else_=_OLDEST.scalar_subquery())


@dataclass(frozen=True)
class StoredEntry:
    """An entry with what it is known by, and its bodies as they are stored.

    `responses` are packed; empty where they are no longer kept.
    """

    seq: int
    model_id: str
    ref: ModelRef
    model_digest: str
    protocol_digest: str
    evidence: Evidence
    environment: dict[str, Any]
    notes: list[str]
    strand: bytes
    responses: bytes
    replicates: tuple[BulkReplicate, ...]


def refs(session: Session, protocol_digest: str, last: int) -> Iterator[ModelRef]:
    """Whose entries under a protocol there are, up to a number; a page of them is held."""
    query = (
        select(ModelRow.source, ModelRow.name, ModelRow.revision)
        .join_from(EntryRow, _MAKER, _MAKER.id == EntryRow.model_id)
        .join(ModelRow, ModelRow.id == _SHOWN)
        .where(
            EntryRow.protocol_digest == protocol_digest,
            EntryRow.seq <= last,
            ~EntryRow.withdrawn,
        )
        .execution_options(yield_per=PAGE)
    )
    for source, name, revision in session.execute(query):
        yield ModelRef(cast("Source", source), name, revision)


def entry_page(
    session: Session, after: int, last: int, limit: int, protocol_digest: str | None
) -> list[StoredEntry]:
    """Up to `limit` entries above `after`, up to `last`, by number; of one protocol, or all."""
    query = (
        select(
            EntryRow.id,
            EntryRow.seq,
            ModelRow.id,
            ModelRow.source,
            ModelRow.name,
            ModelRow.revision,
            EntryRow.model_digest,
            EntryRow.protocol_digest,
            EntryRow.evidence,
            EntryRow.environment,
            EntryRow.notes,
            StrandRow.body,
            ResponsesRow.body,
        )
        .join(_MAKER, _MAKER.id == EntryRow.model_id)
        .join(ModelRow, ModelRow.id == _SHOWN)
        .join(StrandRow, StrandRow.entry_id == EntryRow.id)
        .join(ResponsesRow, ResponsesRow.entry_id == EntryRow.id)
        .where(EntryRow.seq > after, EntryRow.seq <= last, ~EntryRow.withdrawn)
        .order_by(EntryRow.seq)
        .limit(limit)
    )
    if protocol_digest is not None:
        query = query.where(EntryRow.protocol_digest == protocol_digest)
    rows = session.execute(query).all()
    again = _replicates(session, [row[0] for row in rows])
    return [
        StoredEntry(
            seq=row[1],
            model_id=row[2],
            ref=ModelRef(cast("Source", row[3]), row[4], row[5]),
            model_digest=row[6],
            protocol_digest=row[7],
            evidence=cast("Evidence", row[8]),
            environment=row[9],
            notes=row[10],
            strand=row[11],
            responses=row[12],
            replicates=again.get(row[0], ()),
        )
        for row in rows
    ]


def model_page(
    session: Session, after: str | None, limit: int
) -> list[tuple[ModelRecord, list[Claim]]]:
    """Up to `limit` models with their claims, those after an id, by id."""
    return _with_claims(session, models.page(session, after, limit))


def owners(session: Session, page: list[StoredEntry]) -> list[tuple[ModelRecord, list[Claim]]]:
    """The models of a page of entries, each once, with their claims."""
    found = models.by_ids(session, (entry.model_id for entry in page))
    return _with_claims(session, list(found.values()))


def _with_claims(
    session: Session, found: list[ModelRecord]
) -> list[tuple[ModelRecord, list[Claim]]]:
    claims = models.claims_of_each(session, [model.id for model in found])
    return [(model, claims.get(model.id, [])) for model in found]


def _replicates(session: Session, ids: list[str]) -> dict[str, tuple[BulkReplicate, ...]]:
    rows = session.execute(
        select(
            ReplicateRow.entry_id, ReplicateRow.number, ReplicateRow.body, ReplicateRow.environment
        )
        .where(among(session, ReplicateRow.entry_id, ids))
        .order_by(ReplicateRow.number)
    )
    found: dict[str, tuple[BulkReplicate, ...]] = {}
    for entry_id, number, body, environment in rows:
        one = BulkReplicate(number, body, environment)
        found[entry_id] = (*found.get(entry_id, ()), one)
    return found
