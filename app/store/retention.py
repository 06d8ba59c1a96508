"""Responses are kept for as long as the operator says; what was computed from them stays.

Of an entry whose responses are pruned the row remains, empty: that nothing is kept can be told
from something that was lost.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app.store.clock import db_now
from app.store.entries import PRUNED
from app.store.rows import EntryRow, ResponsesRow

DAY_S = 86_400.0


@dataclass(frozen=True)
class Prunable:
    """How many entries have responses that are too old, and their bytes."""

    entries: int
    n_bytes: int


def prunable(session: Session, days: float) -> Prunable:
    """What is kept of entries that are older than so many days. Reads no responses."""
    count, n_bytes = session.execute(
        select(func.count(), func.coalesce(func.sum(func.length(ResponsesRow.body)), 0))
        .join(EntryRow, EntryRow.id == ResponsesRow.entry_id)
        .where(_is_old(days))
    ).one()
    return Prunable(count, int(n_bytes))


def prune(session: Session, days: float, limit: int) -> int:
    """Empty the responses of up to `limit` such entries; return of how many. Safe to repeat."""
    old = (
        select(EntryRow.id)
        .join(ResponsesRow, EntryRow.id == ResponsesRow.entry_id)
        .where(_is_old(days))
        .limit(limit)
    )
    emptied = update(ResponsesRow).where(ResponsesRow.entry_id.in_(old)).values(body=PRUNED)
    return len(session.scalars(emptied.returning(ResponsesRow.entry_id)).all())


def _is_old(days: float) -> ColumnElement[bool]:
    too_old = EntryRow.created_at < db_now() - days * DAY_S
    return too_old & (func.length(ResponsesRow.body) > 0)
