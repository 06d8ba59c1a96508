"""Withdrawn models do nothing any more, and entries are marked as their models are."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.records import LIVE_STATES
from app.store import withdrawals
from app.store.rows import EntryRow, JobRow, ModelRow

_GONE = ModelRow.withdrawn_at.is_not(None)


def at_work(session: Session) -> Iterator[str]:
    """Jobs of withdrawn models that wait or run, and that nobody asked to cancel."""
    query = select(JobRow.id, JobRow.model_id).where(_is_at_work())
    for job_id, model_id in session.execute(query.execution_options(yield_per=1000)):
        yield f"{job_id}: its model {model_id} is withdrawn"


def mend_at_work(session: Session) -> int:
    """Cancel them."""
    return withdrawals.cancel_jobs(session, _is_at_work())


def mismarked(session: Session) -> Iterator[str]:
    """Entries that are withdrawn while a model of their content is not, and the other way round."""
    for words, condition in (
        ("it is withdrawn, and a model of its content is not", _is_somebodys()),
        ("it is not withdrawn, and all models of its content are", _is_left()),
    ):
        query = select(EntryRow.id).where(condition)
        for entry_id in session.scalars(query.execution_options(yield_per=1000)):
            yield f"{entry_id}: {words}"


def mend_marks(session: Session) -> int:
    """Mark entries as their models are."""
    changes = ((_is_somebodys(), withdrawals.show), (_is_left(), withdrawals.hide))
    mended = 0
    for condition, mend in changes:
        digests = session.scalars(select(EntryRow.model_digest).where(condition)).all()
        mend(session, digests)
        mended += len(digests)
    return mended


def _is_at_work() -> ColumnElement[bool]:
    return (
        JobRow.model_id.in_(select(ModelRow.id).where(_GONE))
        & JobRow.state.in_(LIVE_STATES)
        & JobRow.cancel_requested.is_(False)
    )


def _is_somebodys() -> ColumnElement[bool]:
    return EntryRow.withdrawn & ~withdrawals.is_nobodys()


def _is_left() -> ColumnElement[bool]:
    of_withdrawn = EntryRow.model_digest.in_(select(ModelRow.digest).where(_GONE))
    return ~EntryRow.withdrawn & of_withdrawn & withdrawals.is_nobodys()
