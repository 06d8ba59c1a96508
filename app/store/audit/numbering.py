"""One entry for each (model digest, protocol), numbered from 1 without gaps."""

from collections.abc import Iterator
from itertools import chain, pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.rows import EntryRow, ModelRow


def doubled(session: Session) -> Iterator[str]:
    """Model digests that have two entries under one protocol."""
    query = (
        select(EntryRow.model_digest, EntryRow.protocol_digest, func.count())
        .group_by(EntryRow.model_digest, EntryRow.protocol_digest)
        .having(func.count() > 1)
    )
    for model, protocol, count in session.execute(query):
        yield f"{model}: it has {count} entries under protocol {protocol}"


def gaps(session: Session) -> Iterator[str]:
    """Numbers that no entry has, below one that some entry has."""
    lowest, highest, count = session.execute(
        select(func.min(EntryRow.seq), func.max(EntryRow.seq), func.count())
    ).one()
    if not count or (lowest == 1 and highest == count):
        return
    if lowest < 1:
        yield f"{lowest}: entries are numbered from 1"
    rising = session.scalars(
        select(EntryRow.seq).order_by(EntryRow.seq).execution_options(yield_per=10_000)
    )
    for before, after in pairwise(chain([0], rising)):
        if after > before + 1:
            yield f"{before + 1}: no entry has this number, up to {after - 1}"


def estranged(session: Session) -> Iterator[str]:
    """Entries whose model has another digest than they."""
    query = (
        select(EntryRow.id, EntryRow.model_id)
        .join(ModelRow, ModelRow.id == EntryRow.model_id)
        .where(ModelRow.digest.is_distinct_from(EntryRow.model_digest))
    )
    for entry_id, model_id in session.execute(query.execution_options(yield_per=1000)):
        yield f"{entry_id}: its model {model_id} has another digest"
