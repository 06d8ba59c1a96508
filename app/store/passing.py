"""Which entries of a protocol pass one condition: their numbers, (n,), rising.

Claims are looked for among all models of an entry's content: a copy says as much of it. What is
withdrawn passes nothing, and says nothing.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from app.records import Evidence
from app.store.copying import copied_numbers
from app.store.rows import ClaimRow, EntryRow, ModelRow

I64 = npt.NDArray[np.int64]

# Names in one statement: PostgreSQL takes 65,535 parameters.
NAMES = 10_000
MONTH_CHARACTERS = len("YYYY-MM")
LAST_DAY = "-31"
_IS_LIVE = ModelRow.withdrawn_at.is_(None)


def of_level(session: Session, protocol_digest: str, evidence: Evidence, after: int) -> I64:
    """Entries above a number that were obtained in this way."""
    return copied_numbers(session, _of(protocol_digest, after).where(EntryRow.evidence == evidence))


def of_licence(session: Session, protocol_digest: str, licence: str, after: int) -> I64:
    """Entries above a number of models that are said to have a licence, in any capitals."""
    said = (ClaimRow.kind == "licence") & (func.lower(ClaimRow.value) == licence.lower())
    return _claimed(session, protocol_digest, said, after)


def of_release(session: Session, protocol_digest: str, before: str, after: int) -> I64:
    """Entries above a number of models that are said to be released before a day, YYYY-MM-DD.

    Of a month all days must lie before it.
    """
    is_month = func.length(ClaimRow.value) == MONTH_CHARACTERS
    day = case((is_month, ClaimRow.value.concat(LAST_DAY)), else_=ClaimRow.value)
    said = (ClaimRow.kind == "released") & (day < before)
    return _claimed(session, protocol_digest, said, after)


def of_names(session: Session, protocol_digest: str, names: Iterable[str], after: int) -> I64:
    """Entries above a number of models of these short names, in lower case."""
    wanted, found = sorted(names), [np.empty(0, dtype=np.int64)]
    for start in range(0, len(wanted), NAMES):
        said = ModelRow.short_key.in_(wanted[start : start + NAMES])
        digests = select(ModelRow.digest).where(said, _IS_LIVE)
        query = _of(protocol_digest, after).where(EntryRow.model_digest.in_(digests))
        found.append(copied_numbers(session, query))
    return np.unique(np.concatenate(found))


def declared_bases(session: Session) -> Mapping[str, list[str]]:
    """What each model's short name is said to be based on, all of it, as it was written."""
    query = (
        select(ModelRow.short_key, ClaimRow.value)
        .join(ClaimRow, ClaimRow.model_id == ModelRow.id)
        .where(ClaimRow.kind == "declared_base", _IS_LIVE)
    )
    bases: dict[str, list[str]] = {}
    for name, base in session.execute(query):
        bases.setdefault(name, []).append(base)
    return bases


def _of(protocol_digest: str, after: int) -> Select[int]:
    return select(EntryRow.seq).where(
        EntryRow.protocol_digest == protocol_digest, EntryRow.seq > after, ~EntryRow.withdrawn
    )


def _claimed(session: Session, protocol_digest: str, said: ColumnElement[bool], after: int) -> I64:
    claimed = select(ModelRow.digest).join(ClaimRow, ClaimRow.model_id == ModelRow.id)
    digests = claimed.where(said, _IS_LIVE)
    query = _of(protocol_digest, after).where(EntryRow.model_digest.in_(digests))
    return copied_numbers(session, query)
