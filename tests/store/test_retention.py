"""Old responses are emptied, whole entries at a time; nothing else changes."""

import pytest
from sqlalchemy import update

from app.errors import NotFoundError
from app.records import EntryRecord
from app.store import entries, protocols, retention
from app.store.clock import db_now
from app.store.database import Database, Session
from app.store.rows import EntryRow
from tests.store.making import answers_protocol, make_finding, make_model


def filled(session: Session) -> list[EntryRecord]:
    """Three entries, the first two of which are ten days old."""
    protocol = protocols.ensure(session, answers_protocol())
    found = [
        make_finding(make_model(session, name), protocol, [f"{name} says", "more"])
        for name in ("a", "b", "c")
    ]
    added = [entry for entry, _ in entries.add(session, found)]
    session.execute(
        update(EntryRow).where(EntryRow.seq <= 2).values(created_at=db_now() - 10 * 86_400)
    )
    return added


def test_what_is_old_is_counted_then_emptied(database: Database) -> None:
    with database.write() as session:
        old, _, young = filled(session)
        found = retention.prunable(session, 9)
        assert found.entries == 2
        assert found.n_bytes > 20
        assert retention.prunable(session, 11) == retention.Prunable(0, 0)
        assert retention.prune(session, 9, limit=1) == 1
        assert retention.prunable(session, 9).entries == 1
        assert retention.prune(session, 9, limit=100) == 1
        assert retention.prune(session, 9, limit=100) == 0
        assert retention.prunable(session, 9) == retention.Prunable(0, 0)
        assert entries.responses(session, young) == ["c says", "more"]
        assert entries.kept_responses(session, old) is None
        with pytest.raises(NotFoundError, match="responses_pruned"):
            entries.responses(session, old)
        assert entries.dna(session, old).any()
