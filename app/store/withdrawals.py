"""Models that were taken back: nobody is told of them any more, and no row of them is lost.

A model is marked with when and why, an entry once all models of its content are. Queries of the
store leave out what is marked, so that nothing else need know. Indexes hold all entries and leave
out those of `numbers`; that these are others now they see by `word`, which every change replaces.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Select, func, literal_column, select, update
from sqlalchemy.orm import Session, aliased

from app.errors import ConflictError, NotFoundError
from app.records import LIVE_STATES, ModelRef, Source
from app.store import jobs
from app.store.bulk_rows import among
from app.store.clock import db_now
from app.store.copying import copied_numbers
from app.store.rows import EntryRow, InstallationRow, JobRow, ModelRow
from app.store.turns import take_turn

I64 = npt.NDArray[np.int64]

WORD = "withdrawals"


@dataclass(frozen=True)
class Withdrawal:
    """When a model was withdrawn and why, and how many of its jobs that cancelled just now."""

    model_id: str
    ref: ModelRef
    reason: str
    at: float
    jobs_cancelled: int = 0


def withdraw(session: Session, model_id: str, reason: str) -> Withdrawal:
    """Withdraw a model and cancel its jobs; of one that is withdrawn the first reason stays.

    A job that runs ends soon; what it still stores is withdrawn as well. Raises NotFoundError
    `no_such_model`.
    """
    row = _locked(session, model_id)
    if row.withdrawn_at is not None:
        return _withdrawal(row)
    row.withdrawn_at = session.scalars(select(db_now())).one()
    row.withdrawn_because = reason
    session.flush()
    cancelled = cancel_jobs(session, JobRow.model_id == model_id)
    hide(session, [row.digest] if row.digest else [])
    _renew_word(session)
    return _withdrawal(row, cancelled)


def reinstate(session: Session, model_id: str) -> None:
    """Undo a withdrawal: all is as it was, but for the jobs that it cancelled.

    Raises NotFoundError `no_such_model`, ConflictError `not_withdrawn`.
    """
    row = _locked(session, model_id)
    if row.withdrawn_at is None:
        raise not_withdrawn(model_id)
    row.withdrawn_at = row.withdrawn_because = None
    session.flush()
    show(session, [row.digest] if row.digest else [])
    _renew_word(session)


def hide(session: Session, digests: Collection[str]) -> None:
    """Mark the entries of contents of which no model is left; takes the turn of a writer."""
    _mark(session, digests, withdrawn=True)


def show(session: Session, digests: Collection[str]) -> None:
    """Take the marks from entries of contents that a model stands for again; takes the turn."""
    _mark(session, digests, withdrawn=False)


def is_nobodys() -> ColumnElement[bool]:
    """In SQL: that all models of an entry's content are withdrawn."""
    model = aliased(ModelRow)
    live = select(model.id).where(
        model.digest == EntryRow.model_digest, model.withdrawn_at.is_(None)
    )
    return ~live.exists()


def cancel_jobs(session: Session, which: ColumnElement[bool]) -> int:
    """Cancel such jobs that wait or run, as `jobs.cancel` does; return how many."""
    found = select(JobRow.id).where(which, JobRow.state.in_(LIVE_STATES)).order_by(JobRow.id)
    ids = session.scalars(found.with_for_update()).all()
    for job_id in ids:
        jobs.cancel(session, job_id)
    return len(ids)


def missing(session: Session, model_id: str) -> NotFoundError:
    """Why there is no model of an id: `model_withdrawn` or `no_such_model`."""
    row = session.get(ModelRow, model_id, populate_existing=True)
    if row is None or row.withdrawn_at is None:
        return NotFoundError("no_such_model", f"No model has the id {model_id!r}.")
    day = datetime.fromtimestamp(row.withdrawn_at, UTC).strftime("%Y-%m-%d %H:%M")
    return NotFoundError(
        "model_withdrawn",
        f"{row.name} ({model_id}) was withdrawn on {day} UTC (reason: {row.withdrawn_because}).",
    )


def refusal(ref: ModelRef, model_id: str) -> ConflictError:
    """Why a ref cannot be registered that was withdrawn."""
    return ConflictError(
        "withdrawn",
        f"{ref} was withdrawn: GET /v1/models/{model_id} says why, `genebank reinstate {model_id}` "
        "undoes it.",
    )


def not_withdrawn(name: str) -> ConflictError:
    """Why a model cannot be reinstated."""
    return ConflictError("not_withdrawn", f"{name} is not withdrawn: there is nothing to undo.")


def numbers(session: Session, protocol_digest: str) -> I64:
    """The numbers of the withdrawn entries of a protocol, (n,), rising."""
    query = select(EntryRow.seq).where(
        EntryRow.protocol_digest == protocol_digest, EntryRow.withdrawn
    )
    return copied_numbers(session, query)


def among_ids(session: Session, model_ids: Collection[str]) -> set[str]:
    """Those of some models that are withdrawn."""
    gone = select(ModelRow.id).where(ModelRow.withdrawn_at.is_not(None))
    return set(session.scalars(gone.where(among(session, ModelRow.id, model_ids))))


def current_word(session: Session) -> bytes:
    """The word now; empty where nothing was ever withdrawn."""
    return session.scalar(word()) or b""


def word() -> Select[bytes]:
    """In SQL: another value after each change of what is withdrawn; no row at first."""
    return select(InstallationRow.value).where(InstallationRow.name == literal_column(f"'{WORD}'"))


def count(session: Session) -> int:
    """Number of withdrawn models."""
    return session.scalar(select(func.count()).where(ModelRow.withdrawn_at.is_not(None))) or 0


def _mark(session: Session, digests: Collection[str], *, withdrawn: bool) -> None:
    # One after the other: a model that takes this content on must not be overlooked meanwhile.
    take_turn(session)
    due = (~EntryRow.withdrawn, is_nobodys()) if withdrawn else (EntryRow.withdrawn, ~is_nobodys())
    changed = session.scalars(
        update(EntryRow)
        .where(*due, among(session, EntryRow.model_digest, digests))
        .values(withdrawn=withdrawn)
        .returning(EntryRow.seq)
        .execution_options(synchronize_session=False)
    ).all()
    if changed:
        _renew_word(session)


def _renew_word(session: Session) -> None:
    session.merge(InstallationRow(name=WORD, value=secrets.token_bytes(16)))
    session.flush()


def _locked(session: Session, model_id: str) -> ModelRow:
    row = session.get(ModelRow, model_id, populate_existing=True, with_for_update=True)
    if row is None:
        raise NotFoundError("no_such_model", f"No model has the id {model_id!r}.")
    return row


def _withdrawal(row: ModelRow, cancelled: int = 0) -> Withdrawal:
    ref = ModelRef(cast("Source", row.source), row.name, row.revision)
    because, at = row.withdrawn_because or "", row.withdrawn_at or 0.0
    return Withdrawal(row.id, ref, because, at, cancelled)
