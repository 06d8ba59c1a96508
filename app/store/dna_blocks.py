"""DNA in blocks: how an index reads a million rows without an object for each of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sqlalchemy import BindParameter, String, bindparam, func, select
from sqlalchemy.orm import Session

from app.store.copying import copied
from app.store.ready import Ready
from app.store.rows import DnaRow, EntryRow, ReferenceRow
from app.store.withdrawals import word

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
Block = tuple[I64, F32]

# Numbers that one statement covers: with 1,000 floats a row at most 65 MB, of one protocol.
SPAN = 16_384

_protocol: BindParameter[str] = bindparam("protocol", type_=String)
_HEAD = Ready(
    select(
        select(func.max(ReferenceRow.version))
        .where(ReferenceRow.protocol_digest == _protocol)
        .scalar_subquery(),
        select(func.max(EntryRow.seq))
        .where(EntryRow.protocol_digest == _protocol)
        .scalar_subquery(),
        word().scalar_subquery(),
    )
)


@dataclass(frozen=True)
class Head:
    """The newest version of a protocol's reference, the highest number of its entries, withdrawn
    or not, 0 where there is none; and the word of withdrawals.
    """

    version: int
    last: int
    withdrawals: bytes


def head(session: Session, protocol_digest: str) -> Head:
    """How far a protocol is. Asked by every search: one statement, three looks into indexes."""
    [(version, last, withdrawals)] = _HEAD.rows(session, protocol=protocol_digest)
    return Head(version or 0, last or 0, withdrawals or b"")


def count_between(session: Session, protocol_digest: str, after: int, last: int) -> int:
    """How many entries of a protocol have numbers above `after`, up to `last`."""
    query = select(func.count()).where(
        EntryRow.protocol_digest == protocol_digest, EntryRow.seq > after, EntryRow.seq <= last
    )
    return session.scalar(query) or 0


def id_of(session: Session, seq: int) -> str | None:
    """The id of the entry of this number: two registries that agree on it agree on all below."""
    return session.scalar(select(EntryRow.id).where(EntryRow.seq == seq))


def dna_blocks(
    session: Session, protocol_digest: str, size: int, after: int, last: int, *, every: int = 1
) -> Iterator[Block]:
    """Numbers (n,) and DNA (n, size) of entries above `after`, up to `last`, block by block.

    Of all entries, withdrawn or not. Blocks and rows come by rising number; empty ones are left
    out. `every` leaves all numbers out but those that it divides. One statement a block:
    PostgreSQL sends rows of fixed length as they lie, of which numpy makes arrays (see `copying`).
    """
    span = SPAN * every
    row = np.dtype([("seq", np.int64), ("dna", "<f4", (size,))])
    for start in range(after, last, span):
        query = (
            select(EntryRow.seq, DnaRow.body)
            .join(DnaRow, DnaRow.entry_id == EntryRow.id)
            .where(
                EntryRow.protocol_digest == protocol_digest,
                EntryRow.seq > start,
                EntryRow.seq <= min(start + span, last),
            )
        )
        if every > 1:
            query = query.where(EntryRow.seq % every == 0)
        rows = copied(session, query, row)
        if len(rows):
            rows = rows[np.argsort(rows["seq"])]
            yield rows["seq"], rows["dna"].astype(np.float32)
