"""Every entry has a strand, DNA and responses, in the size that its protocol asks for.

Lengths are known without reading what is long: PostgreSQL keeps them beside the pointer to it,
SQLite in the head of the row.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from app.dna.projection import dna_size, project
from app.dna.protocol import Protocol
from app.dna.strand import from_bytes
from app.store.rows import DnaRow, EntryRow, ResponsesRow, StrandRow

FLOAT_BYTES = 4


def missing(session: Session, protocol: Protocol) -> Iterator[str]:
    """Entries that lack a part, or have one of another size. No part is read."""
    strand, dna = func.length(StrandRow.body), func.length(DnaRow.body)
    sizes = strand_bytes(protocol), dna_size(protocol) * FLOAT_BYTES
    query = (
        select(EntryRow.id, strand, dna, ResponsesRow.entry_id)
        .outerjoin(StrandRow, StrandRow.entry_id == EntryRow.id)
        .outerjoin(DnaRow, DnaRow.entry_id == EntryRow.id)
        .outerjoin(ResponsesRow, ResponsesRow.entry_id == EntryRow.id)
        .where(
            EntryRow.protocol_digest == protocol.digest,
            or_(
                strand.is_distinct_from(sizes[0]),
                dna.is_distinct_from(sizes[1]),
                ResponsesRow.entry_id.is_(None),
            ),
        )
    )
    for entry_id, *found in session.execute(query.execution_options(yield_per=1000)):
        for name, has, wanted in zip(("strand", "DNA"), found, sizes, strict=False):
            if has != wanted:
                yield f"{entry_id}: its {name} has {_bytes(has)}, not {wanted}"
        if found[2] is None:
            yield f"{entry_id}: it has no responses"


def mend_dna(session: Session, protocol: Protocol, entry_ids: Sequence[str]) -> int:
    """Project the strands of entries anew; those without a whole strand are left."""
    rows = session.scalars(
        select(StrandRow).where(
            StrandRow.entry_id.in_(entry_ids),
            func.length(StrandRow.body) == strand_bytes(protocol),
        )
    ).all()
    session.execute(delete(DnaRow).where(DnaRow.entry_id.in_([row.entry_id for row in rows])))
    for row in rows:
        dna = project(from_bytes(protocol, row.body).values[None], protocol)[0]
        session.add(DnaRow(entry_id=row.entry_id, body=dna.astype("<f4").tobytes()))
    session.flush()
    return len(rows)


def without_dna(session: Session, protocol: Protocol) -> list[str]:
    """The ids of entries whose DNA is missing or of another size."""
    query = (
        select(EntryRow.id)
        .outerjoin(DnaRow, DnaRow.entry_id == EntryRow.id)
        .where(
            EntryRow.protocol_digest == protocol.digest,
            func.length(DnaRow.body).is_distinct_from(dna_size(protocol) * FLOAT_BYTES),
        )
    )
    return list(session.scalars(query))


def parts(session: Session, protocol: Protocol, seqs: Sequence[int]) -> Sequence[Any]:
    """Id, strand, DNA and responses, as bytes, of those entries that have all of them."""
    return session.execute(
        select(EntryRow.id, EntryRow.seq, StrandRow.body, DnaRow.body, ResponsesRow.body)
        .join(StrandRow, StrandRow.entry_id == EntryRow.id)
        .join(DnaRow, DnaRow.entry_id == EntryRow.id)
        .join(ResponsesRow, ResponsesRow.entry_id == EntryRow.id)
        .where(EntryRow.protocol_digest == protocol.digest, EntryRow.seq.in_(seqs))
        .order_by(EntryRow.seq)
    ).all()


def strand_bytes(protocol: Protocol) -> int:
    """Bytes of a stored strand."""
    itemsize = 2 if protocol.dtype == "float16" else 4
    return protocol.n_probes * protocol.width * itemsize


def _bytes(length: int | None) -> str:
    return "not been stored: no bytes" if length is None else f"{length} bytes"
