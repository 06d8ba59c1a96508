"""Whose turn it is to number entries, or to say which of them count: one writer at a time."""

from sqlalchemy import text
from sqlalchemy.orm import Session

# Any fixed number: it names the lock.
SEQUENCE_LOCK = 0x67656E65


def take_turn(session: Session) -> None:
    """Wait for the turn and keep it to the end of the transaction; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SEQUENCE_LOCK})
