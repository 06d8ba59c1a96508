"""Answers kept under an Idempotency-Key, in the transaction that they answer for."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.errors import InputError
from app.store.rows import IdempotencyRow


@dataclass(frozen=True)
class Answer:
    """Status, headers and JSON body of an answer that was given."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def replay(session: Session, key: str, request_digest: str) -> Answer | None:
    """The answer given under the key, if any.

    Raises InputError `idempotency_key_reused` when it was given to another request.
    """
    row = session.get(IdempotencyRow, key)
    if row is None:
        return None
    if row.request_digest != request_digest:
        raise InputError(
            "idempotency_key_reused", "This Idempotency-Key came with another request before."
        )
    return Answer(row.status, row.headers, row.body)


def keep(session: Session, key: str, request_digest: str, answer: Answer) -> None:
    """Keep an answer. IntegrityError at the flush when the key was taken meanwhile."""
    session.add(
        IdempotencyRow(
            key=key,
            request_digest=request_digest,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
        )
    )
    session.flush()
